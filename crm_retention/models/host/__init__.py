from . import res_company
from . import res_config_settings
from . import res_partner
from . import account_move
from . import sale_order
from . import crm_lead
from . import helpdesk_ticket
from . import base_partner_merge

from . import retention_interest
from . import retention_purchase
from . import retention_transaction

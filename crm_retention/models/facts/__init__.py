from . import retention_channel
from . import retention_touch
from . import retention_event
from . import retention_interest
from . import retention_purchase
from . import retention_transaction
from . import touch_collect

from . import test_language
from . import test_tools
from . import test_transaction

from . import running
from . import facts
from . import judgement
from . import decisions
from . import actions
from . import host

from . import running
from . import facts
from . import judgement
from . import host

from . import analysis

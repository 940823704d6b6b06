from . import points_portal

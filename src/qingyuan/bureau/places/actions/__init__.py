"""Acts on areas and organisations."""

from qingyuan.bureau.places.actions.bureau import ensure_bureau
from qingyuan.bureau.places.actions.county import name_county
from qingyuan.bureau.places.actions.register import put_area, put_organisation

__all__ = ["ensure_bureau", "name_county", "put_area", "put_organisation"]

"""What a stack costs a month, computed from its resources and a list of prices; pure, and known to nobody above.

``monthly`` takes resources from a recording, a state or a preview alike: the command ``intendly cost``, the report
of a preview and the policy on budgets all ask it.
"""

from pricing.cost import monthly
from pricing.model import Cost, Gap, Line, Resource, Share
from pricing.price_list import PriceList, PriceListError, load_prices

__all__ = [
    "Cost",
    "Gap",
    "Line",
    "PriceList",
    "PriceListError",
    "Resource",
    "Share",
    "load_prices",
    "monthly",
]

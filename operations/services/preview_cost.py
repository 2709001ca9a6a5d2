"""What a stack costs before an update and after it, of one preview's resources."""

from operations.clients.engine_preview import Preview
from operations.reports.model import Cost, CostLine
from operations.services.cost import after_update, before_update, priced


def compare(preview: Preview) -> Cost:
    """Before and after, each at the autoscalers' maximum: that is what a budget has to hold.

    Raises:
        InputError: the list of prices cannot be read.
    """
    before, after = priced(before_update(preview)), priced(after_update(preview))
    old = {share.component: share.maximum for share in before.shares}
    new = {share.component: share.maximum for share in after.shares}
    return Cost(
        before=before.maximum,
        after=after.maximum,
        lines=tuple(
            CostLine(component=name, before=old.get(name, 0), after=new.get(name, 0))
            for name in sorted(old.keys() | new.keys())
        ),
        unknown=tuple(dict.fromkeys(f"{gap.name}: {gap.why}" for gap in after.gaps)),
    )

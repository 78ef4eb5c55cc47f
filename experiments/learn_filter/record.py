"""What is kept of every step."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of the descent.

    Attributes:
        number: From 0.
        loss: Before the step.
        error: ‖filter − truth‖ / ‖truth‖ before the step.
    """

    number: int
    loss: float
    error: float

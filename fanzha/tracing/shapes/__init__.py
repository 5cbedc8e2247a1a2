"""Shapes of traced money (资金流向形态): what the network looks like, by name, with evidence.

Fan-in 归集, fan-out 打散, cycle 回流, scatter-gather, gather-scatter, bipartite, stack; roles
of accounts; test transfers, bursts, shared devices. It knows no Django and no clock. A name is a
hint for a person who looks on: it proves nothing, and nothing is held or paid back because of it.
"""

from fanzha.tracing.shapes.find import Found, find_shapes, shapes_of
from fanzha.tracing.shapes.model import Bounds, Shape, usual_bounds
from fanzha.tracing.shapes.records import shape_records
from fanzha.tracing.shapes.roles import ROLE_NAMES, AccountRole, Role, roles_of
from fanzha.tracing.shapes.signs import Burst, Group, TransferTest, shared_groups
from fanzha.tracing.shapes.words import NAMES, Kind

__all__ = [
    "NAMES",
    "ROLE_NAMES",
    "AccountRole",
    "Bounds",
    "Burst",
    "Found",
    "Group",
    "Kind",
    "Role",
    "Shape",
    "TransferTest",
    "find_shapes",
    "roles_of",
    "shape_records",
    "shapes_of",
    "shared_groups",
    "usual_bounds",
]

"""Invented movements (仿真流水): a city's ordinary payments with laundering schemes among them.

Made in columns, ten million rows in seconds, the same for the same seed. The true answer comes
along: which rows belong to which scheme and where its money ended. Nothing of the platform's
engine is used here. Figures are drawn by chance; they describe no real bank.
"""

from fanzha.simulation.networks.city import Network, network
from fanzha.simulation.networks.shapes import SHAPES, Scheme

__all__ = ["SHAPES", "Network", "Scheme", "network"]

"""Results once given are given again, or the rule has a new version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fanzha.tracing.engine import RULE_VERSIONS
from tests.tracing.golden import case_in, figures_of, file_of, files
from tests.tracing.golden.networks import NETWORKS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_a_figure_changes_only_with_a_new_version_of_its_rule(path: Path) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    rule, version = told["rule"], told["version"]
    name, _, number = version.rpartition("-")
    assert name == rule
    if version == RULE_VERSIONS[rule]:
        assert json.loads(json.dumps(figures_of(case_in(told), rule))) == told["result"]
    else:
        # An older meaning is no longer computed: its result stays readable, and is older.
        assert int(number) < int(RULE_VERSIONS[rule].rpartition("-")[2])
        assert case_in(told).rows
        assert told["result"]["ends"]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("rule", RULE_VERSIONS)
def test_every_rule_has_its_golden_results(rule: str, network: str) -> None:
    assert file_of(rule, network).exists()

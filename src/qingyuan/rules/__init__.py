"""The dated rule book: every number of a standard as a row of data, and a small typed loader over it."""

from __future__ import annotations

from qingyuan.rules.air import AirLimit, AqiCategory, AqiEdition, AqiItem, IaqiColumn
from qingyuan.rules.book import RuleBook, RuleSet, load, rule_book
from qingyuan.rules.emission import ANY_INDUSTRY, EmissionLimit
from qingyuan.rules.errors import BadPlaceError, NoRuleError, RuleDataError, RulesError, UnknownFactorError
from qingyuan.rules.factors import Factor, Item, Unit
from qingyuan.rules.settings import Number
from qingyuan.rules.sources import AveragingRule, DataFlag, TagRule
from qingyuan.rules.table import Certainty, DataFolder, Period, Provenance
from qingyuan.rules.water import LIMIT_CLASSES, WaterClass, WaterLimit

__all__ = [
    "ANY_INDUSTRY",
    "LIMIT_CLASSES",
    "AirLimit",
    "AqiCategory",
    "AqiEdition",
    "AqiItem",
    "AveragingRule",
    "BadPlaceError",
    "Certainty",
    "DataFlag",
    "DataFolder",
    "EmissionLimit",
    "Factor",
    "IaqiColumn",
    "Item",
    "NoRuleError",
    "Number",
    "Period",
    "Provenance",
    "RuleBook",
    "RuleDataError",
    "RuleSet",
    "RulesError",
    "TagRule",
    "Unit",
    "UnknownFactorError",
    "WaterClass",
    "WaterLimit",
    "load",
    "rule_book",
]

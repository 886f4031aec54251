"""Sensors and schedules that start switched on or off: which of the two is known when the settings are.

Nothing reads settings when it is imported; `definitions.build_defs` has read them, and defines what stands
here as switched on or off.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import dagster as dg

Defined = TypeVar("Defined", dg.SensorDefinition, dg.ScheduleDefinition)


@dataclass(frozen=True, slots=True)
class Switchable(Generic[Defined]):
    """A sensor or schedule by name; `define(True)` is Dagster's definition of it, switched on at first."""

    name: str
    define: Callable[[bool], Defined]


def sensor(
    make: Callable[..., Any] = dg.sensor, **given: Any
) -> Callable[[Callable[..., Any]], Switchable[dg.SensorDefinition]]:
    """Decorate as `make` does with these arguments; the UI shows the function's docstring."""

    def decorate(function: Callable[..., Any]) -> Switchable[dg.SensorDefinition]:
        named = {"name": function.__name__, "description": inspect.getdoc(function), **given}

        def define(on: bool) -> dg.SensorDefinition:
            status = dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED
            made: dg.SensorDefinition = make(default_status=status, **named)(function)
            return made

        return Switchable(named["name"], define)

    return decorate


def schedule(**given: Any) -> Callable[[Callable[..., Any]], Switchable[dg.ScheduleDefinition]]:
    """Decorate as `dagster.schedule` does (UTC); the UI shows the function's docstring."""

    def decorate(function: Callable[..., Any]) -> Switchable[dg.ScheduleDefinition]:
        named = {"name": function.__name__, "description": inspect.getdoc(function), **given}

        def define(on: bool) -> dg.ScheduleDefinition:
            return dg.schedule(default_status=_schedule_status(on), **named)(function)

        return Switchable(named["name"], define)

    return decorate


def plain_schedule(name: str, **given: Any) -> Switchable[dg.ScheduleDefinition]:
    """A schedule that asks for the same run each time, with the arguments of `dagster.ScheduleDefinition`."""
    return Switchable(
        name, lambda on: dg.ScheduleDefinition(name=name, default_status=_schedule_status(on), **given)
    )


def _schedule_status(on: bool) -> dg.DefaultScheduleStatus:
    return dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED

"""What a batch is asked for: the forms behind a name, and the roster columns that follow."""

from __future__ import annotations

from dataclasses import dataclass

from desk.batch.columns import Columns, columns
from generator.errors import FormNotFound
from generator.forms.catalogue import default, load_form
from generator.forms.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Plan:
    """A packet, or one form."""

    name: str
    title: str
    forms: tuple[str, ...]
    packet: bool

    def columns(self) -> Columns:
        """The columns a roster for this may have."""
        return columns([load_form(form_id) for form_id in self.forms])


def plan_for(name: str, track: str | None = None) -> Plan:
    """The packet or form of that name; ``track`` leaves out papers of the other way of work.

    Raises FormNotFound with a did-you-mean.
    """
    from generator.packets.catalogue import packet_specs

    known, packets = default().ids(), packet_specs()
    if name in packets:
        spec = packets[name]
        wanted = [
            entry.form_id
            for entry in spec.entries
            if entry.form_id in known and entry.source is None and track in (None, "both", *entry.tracks)
        ]
        return Plan(name, spec.title, tuple(dict.fromkeys(wanted)), packet=True)
    if name not in known:
        near = did_you_mean(name, [*packets, *known])
        raise FormNotFound(
            f"没有名为“{name}”的文书包或表单。{near}",
            hint=f"文书包有 {'、'.join(packets)}；表单编号见 kangdang form list。",
        )
    return Plan(name, load_form(name).title, (name,), packet=False)

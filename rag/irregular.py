"""English verbs whose participles a stemmer does not bring to their base: sold, kept, written."""

from __future__ import annotations

import re

_FORMS = """
be:been bear:borne begin:begun bend:bent bite:bitten blow:blown break:broken bring:brought build:built
burn:burnt buy:bought catch:caught choose:chosen deal:dealt dig:dug do:done draw:drawn drink:drunk
drive:driven eat:eaten fall:fallen feed:fed feel:felt fight:fought find:found fly:flown forbid:forbidden
forget:forgotten forgive:forgiven freeze:frozen get:gotten give:given go:gone grow:grown hang:hung
hear:heard hide:hidden hold:held keep:kept know:known lay:laid lead:led lend:lent leave:left lose:lost
make:made mean:meant meet:met mistake:mistaken overcome:overcame pay:paid prove:proven repay:repaid
ride:ridden ring:rung say:said see:seen seek:sought sell:sold send:sent shake:shaken shoot:shot
show:shown shrink:shrunk sing:sung sink:sunk sit:sat sleep:slept speak:spoken spend:spent stand:stood
steal:stolen stick:stuck strike:struck swear:sworn sweep:swept swim:swum take:taken teach:taught
tear:torn tell:told think:thought throw:thrown understand:understood wake:woken wear:worn win:won
withdraw:withdrawn withhold:withheld write:written
"""
_BASE = {form: base for base, form in (pair.split(":") for pair in _FORMS.split())}
_ANY = re.compile(rf"\b(?:{'|'.join(_BASE)})\b", re.IGNORECASE)


def base_forms(text: str) -> str:
    """A text with irregular participles in their base form; its length changes.

    >>> base_forms("Shares cannot be sold, nor left to heirs.")
    'Shares cannot be sell, nor leave to heirs.'
    """
    return _ANY.sub(lambda match: _BASE[match.group().lower()], text)

"""Labelled values, as the readers write the rows of tables: `Model: B-350; Weight: 124 kg`.

>>> [(one["label"], one["text"]) for one in LABELLED.finditer("型号：B-350；重量：124公斤")]
[('型号', 'B-350'), ('重量', '124公斤')]
"""

from __future__ import annotations

import re

LABELLED = re.compile(
    r"(?:^|(?<=[\n;；]))[ ]*(?P<label>[^\s:：;；][^:：;；\n]{0,39})(?:：|:(?= ))(?P<text>[^\n;；]*)",
    re.MULTILINE,
)

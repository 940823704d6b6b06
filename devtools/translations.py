"""The addons' translations: complete, and as new as the code."""

import polib

from . import odoo, paths, ui
from .ui import Problem

LANGUAGE = "zh_CN"


def _template(addon):
    return paths.REPO / addon / "i18n" / f"{addon}.pot"


def _translated(addon):
    return paths.REPO / addon / "i18n" / f"{LANGUAGE}.po"


def _sources(catalogue):
    return {entry.msgid for entry in catalogue if not entry.obsolete}


def files():
    """Every translation there is."""
    return [path for path in map(_translated, paths.ADDONS) if path.exists()]


def rows():
    """What is missing in the translations, one line each."""
    for addon in paths.ADDONS:
        template, translated = _template(addon), _translated(addon)
        if template.exists() != translated.exists():
            yield f"{addon}/i18n: {template.name} and {translated.name} go together"
        if not (template.exists() and translated.exists()):
            continue
        wanted, there = polib.pofile(str(template)), polib.pofile(str(translated))
        name = translated.relative_to(paths.REPO)
        for msgid in sorted(_sources(wanted) ^ _sources(there)):
            yield f"{name}: not the same texts as {template.name}: {msgid[:60]!r}"
        for entry in there:
            if not entry.obsolete and ("fuzzy" in entry.flags or not entry.msgstr):
                yield f"{name}:{entry.linenum}: not translated: {entry.msgid[:60]!r}"


def stale(server, database):
    """Texts by which the .pot files differ from the installed addons, one line each."""
    for addon in paths.ADDONS:
        if not _template(addon).exists():
            continue
        committed = _sources(polib.pofile(str(_template(addon))))
        present = _sources(_export(server, database, addon))
        for msgid in sorted(committed ^ present):
            what = "gone from the code" if msgid in committed else "new in the code"
            yield f"{addon}: {what} (./dev i18n): {msgid[:60]!r}"


def _export(server, database, addon):
    """The addon's texts as the database has them."""
    target = paths.workspace() / f"{addon}.pot"
    target.unlink(missing_ok=True)
    line = [odoo.PYTHON, "-m", "odoo", "i18n", "export", "-l", "pot", "-o", target]
    line += ["-c", odoo.configuration(server), "-d", database, addon]
    ui.run(line, f"{addon}: the texts could not be exported", cwd=paths.REPO)
    if not target.exists():
        raise Problem(f"{addon}: Odoo exported no texts")
    return polib.pofile(str(target), wrapwidth=78)


def renew(server, database):
    """Write the .pot files from a database and merge them into the translations."""
    for addon in paths.ADDONS:
        template = _export(server, database, addon)
        for field in ("POT-Creation-Date", "PO-Revision-Date"):
            # A date would change the file with every run.
            template.metadata.pop(field, None)
        _template(addon).parent.mkdir(exist_ok=True)
        template.save(str(_template(addon)))
        old = _translated(addon)
        known = polib.pofile(str(old)) if old.exists() else []
        words = {entry.msgid: entry.msgstr for entry in known if not entry.obsolete}
        for entry in template:
            entry.msgstr = words.get(entry.msgid, "")
        template.metadata["Language"] = LANGUAGE
        template.save(str(old))
        done = len(template.translated_entries())
        ui.say(f"{addon}: {len(template)} texts, {done} of them in {LANGUAGE}")

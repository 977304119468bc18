"""Adding a contact by a form, after whoever seems to be here already was offered."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.contact import ContactRow
from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.widgets.add_contact_fields import form_fields, problem_said
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.panel_form import PanelForm, problem_of
from contacts_nb.widgets.style import style_widget
from contacts_nb.widgets.tag_choosing import TagChoosing
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.history import Operation

_OFFERED = 5
_INCOMPLETE = "This is not complete. Fill in every part of it, or empty it."
_NAMES = ("first_name", "last_name")
_CALLED = {"phone": "phone", "email": "e-mail"}
_IDENTIFYING = tuple(_CALLED)


class AddContact(ipywidgets.VBox):
    """A form for one contact, and a way to many at once.

    `on_added` is called with the new contact and the operation that added it, `on_open` with the id of a contact
    that is here already, `on_import` for many from a file, `on_cancel` when nobody is to be added; what isn't
    given can't be pressed. What is typed stays until the contact is added.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets.add_contact import AddContact
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", phone_region="GB")
    >>> form = AddContact(ws, on_added=lambda contact, operation: print(contact.name, operation))
    >>> form.submit(first_name="Ann", phone="020 7946 0958")
    Ann <operation 1: add, 1 contacts>
    True
    >>> form.submit(first_name="Ann", phone="+44 20 7946 0958"), [row.name for row in form.duplicates]
    (False, ['Ann'])
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        on_added: Callable[[Contact, Operation | None], None] | None = None,
        on_open: Callable[[int], None] | None = None,
        on_import: Callable[[], None] | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        self._workspace = workspace
        self._on_added, self._on_open = on_added, on_open
        self._on_import, self._on_cancel = on_import, on_cancel
        self._number = 0
        self._said = markup("")
        self._form = PanelForm(self._do, self._say, "cnb-add-contact")
        self._begin()
        super().__init__([style_widget(), self._form])
        self._draw()

    @property
    def duplicates(self) -> tuple[ContactRow, ...]:
        """Those that have the phone or e-mail already, as far as they are offered."""
        return tuple(self._found[:_OFFERED])

    @property
    def is_begun(self) -> bool:
        """Whether something may have been typed since the last contact was added."""
        return not self._said

    def begin(self) -> None:
        """Give the keyboard to the first field."""
        self._focus("first_name")

    def submit(self, **values: str) -> bool:
        """Add a contact with these values, by the names of fields; tells whether it was added.

        Whoever was offered before is no obstacle.
        """
        number = self._number
        offered = " ".join(str(row.id) for row in self._found)
        given = {name: [value] for name, value in values.items()}
        self._form.do(Gesture("submit", values={"offered": [offered], **given}))
        return self._number > number

    def _begin(self) -> None:
        """An empty form."""
        # Parts of another name are new ones to the browser: nothing that was typed is left in them.
        self._number += 1
        self._fields = form_fields(self._workspace)
        names = self._workspace.tags.names()
        self._choosing = TagChoosing(names, creating=True, offering=False)
        self._values: dict[str, str] = {}
        self._problems: dict[str, str] = {}
        self._found: list[ContactRow] = []
        self._asked = ""
        self._problem = ""

    def _do(self, gesture: Gesture) -> None:
        self._problem = ""
        if gesture.action == "submit":
            self._submit(gesture)
        elif gesture.action == self._left:
            self._said = markup("")
            self._values[gesture.name] = str(gesture.value)
            self._check(gesture.name)
            if gesture.name in _IDENTIFYING:
                self._look()
        elif gesture.action == "incomplete":
            self._problems[gesture.name] = _INCOMPLETE
        elif gesture.action == "open" and self._on_open is not None:
            self._on_open(int(gesture.name))
        elif gesture.action == "import" and self._on_import is not None:
            self._on_import()
        elif gesture.action == "cancel" and self._on_cancel is not None:
            self._on_cancel()
        else:
            self._choosing.do(gesture, self._form)
        self._draw()

    @property
    def _left(self) -> str:
        # What is told late of the form before isn't about this one.
        return f"left {self._number}"

    def _check(self, name: str) -> None:
        field = self._fields.get(name)
        problem = field and field.problem(self._values.get(name, ""), self._workspace.phone_region)
        if problem:
            self._problems[name] = problem
        else:
            self._problems.pop(name, None)

    def _look(self) -> None:
        """Look who has the phone or the e-mail already."""
        values = {name: self._values.get(name, "").strip() for name in _IDENTIFYING}
        asked = {name: value for name, value in values.items() if value and name not in self._problems}
        self._found = self._workspace.contacts.matching(**asked, limit=_OFFERED + 1)
        self._asked = " or ".join(_CALLED[name] for name in asked)

    def _submit(self, gesture: Gesture) -> None:
        self._said = markup("")
        self._values = {name: gesture.text(name) for name in self._fields}
        for name in self._fields:
            self._check(name)
        typed = gesture.text("tag").strip()
        if typed:
            self._choosing.choose(typed)
        if not any(self._values[name].strip() for name in (*_NAMES, *_IDENTIFYING)):
            self._problems["first_name"] = "Give a name, a phone or an e-mail; one of them is enough."
        self._look()
        if self._problems or self._choosing.problem:
            first = next((name for name in self._fields if name in self._problems), "tag")
            self._focus(first)
        elif {row.id for row in self._found} - set(map(int, gesture.text("offered").split())):
            self._form.focus_on(".cnb-duplicates button" if self._on_open else ".cnb-duplicates")
        else:
            self._add()

    def _add(self) -> None:
        values = {name: text for name, text in self._values.items() if text.strip()}
        custom = {name: values.pop(name) for name in list(values) if self._fields[name].custom is not None}
        try:
            contact = self._workspace.add_contact(
                **values,
                tags=self._choosing.chosen,
                fields={name.removeprefix("field:"): text for name, text in custom.items()},
            )
        except InvalidValue as error:
            self._refused(error)
            return
        self._begin()
        self._said = markup("<bdi>{name}</bdi> was added as contact {id}.", name=contact.name, id=contact.id)
        self._focus("first_name")
        if self._on_added is not None:
            self._draw()
            operation = self._workspace.history[int(contact.history()["operation"].min())]
            self._on_added(contact, operation)

    def _refused(self, error: InvalidValue) -> None:
        """What the form couldn't know: a user, team or field that is gone since it was made."""
        is_gone = isinstance(error, NotFound)
        found = {"user": "assignee", "team": "team"}.get(error.field, "") if is_gone else f"field:{error.field}"
        if found not in self._fields:
            raise error
        self._problems[found] = str(error) if is_gone else problem_said(error)
        self._focus(found)

    def _focus(self, name: str) -> None:
        self._form.focus_on(f'[data-part="form {self._number}"] [name="{name}"]')

    def _say(self, problem: str) -> None:
        self._problem = problem
        self._draw()

    def _draw(self) -> None:
        if self._form.comm is None:
            return  # what was pressed has led elsewhere
        form_id = self._form.model_id
        fields = {
            name: field.html(form_id, self._left, self._problems.get(name, ""), focused=name == "first_name")
            for name, field in self._fields.items()
        }
        main = [fields.pop(name) for name in (*_NAMES, *_IDENTIFYING)]
        self._form.show(
            markup(
                '<div class="cnb-panel-box" role="group" aria-label="Add contact"><h4>Add contact</h4>{ways}'
                '<p class="cnb-panel-done" role="status" data-part="said">{said}</p>'
                '<div class="cnb-panel-fields" data-part="form {number}">{main}{duplicates}{others}'
                '<div class="cnb-panel-wide" data-part="tags">{tags}</div></div>{problem}'
                '<div class="cnb-form-foot" data-part="foot">{cancel}'
                '<button type="submit" class="cnb-button cnb-button-primary" data-part="{submit}">{submit}'
                "</button></div></div>",
                ways=self._ways(),
                said=self._said,
                number=self._number,
                main=joined(main),
                duplicates=self._offered(),
                others=joined(fields.values()),
                tags=self._choosing.html(form_id, "Tags"),
                problem=problem_of(self._problem, f"{form_id}-problem"),
                cancel=markup('<button type="button" class="cnb-button" data-do="cancel">Cancel</button>')
                if self._on_cancel
                else "",
                submit="Add anyway" if self._found else "Add contact",
            )
        )

    def _ways(self) -> Markup:
        if self._on_import is None:
            return markup("")
        return markup(
            '<div class="cnb-panel-ways" role="group" aria-label="How many">'
            '<button type="button" aria-pressed="true">One contact</button>'
            '<button type="button" aria-pressed="false" data-do="import">Many, from a file</button></div>'
        )

    def _offered(self) -> Markup:
        if not self._found:
            return markup("")
        count = len(self._found)
        who = "A contact has" if count == 1 else f"{count} contacts have"
        return markup(
            '<section class="cnb-duplicates cnb-panel-wide" data-part="duplicates" tabindex="-1" role="group"'
            ' aria-labelledby="{id}-same"><p role="alert" id="{id}-same">{title} this {given} already.</p>'
            '<ul>{rows}</ul><input type="hidden" name="offered" value="{ids}"></section>',
            id=self._form.model_id,
            title=f"More than {_OFFERED} contacts have" if count > _OFFERED else who,
            given=self._asked,
            rows=joined(map(self._duplicate, self.duplicates)),
            ids=" ".join(str(row.id) for row in self._found),
        )

    def _duplicate(self, row: ContactRow) -> Markup:
        known = [markup("<bdi>{text}</bdi>", text=text) for text in (row.phone, row.email) if text]
        button = markup(
            '<button type="button" class="cnb-button" data-do="open" data-name="{id}"'
            ' aria-label="Open {name}, contact {id}">Open</button>',
            id=row.id,
            name=row.name,
        )
        return markup(
            '<li data-part="{id}"><span><bdi>{name}</bdi><small>{known}</small></span>{button}</li>',
            id=row.id,
            name=row.name,
            known=markup(" · ").join([*known, markup("<span>Contact {id}</span>", id=row.id)]),
            button=button if self._on_open else "",
        )

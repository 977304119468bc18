"""How contacts are seen in a notebook and in Voilà: the app and the parts it is made of."""

from contacts_nb.widgets.column_chooser import ColumnChooser
from contacts_nb.widgets.confirm_panel import ConfirmPanel
from contacts_nb.widgets.contact_details import ContactDetails
from contacts_nb.widgets.contact_table import ContactTable
from contacts_nb.widgets.contacts_app import ContactsApp
from contacts_nb.widgets.entrance import Entrance
from contacts_nb.widgets.filter_drawer import FilterDrawer
from contacts_nb.widgets.import_panel import ImportPanel
from contacts_nb.widgets.inbox_selector import InboxSelector
from contacts_nb.widgets.merge_comparison import MergeComparison
from contacts_nb.widgets.unmerge_panel import UnmergePanel

__all__ = [
    "ColumnChooser",
    "ConfirmPanel",
    "ContactDetails",
    "ContactTable",
    "ContactsApp",
    "Entrance",
    "FilterDrawer",
    "ImportPanel",
    "InboxSelector",
    "MergeComparison",
    "UnmergePanel",
]

"""What those who work in the demo write for each other: how a conversation ended, and comments on contacts."""

from __future__ import annotations

CLOSINGS = {
    "Question answered": (
        "Asked about sizes. Sent the size table.",
        "Wanted to know our opening hours.",
        "Asked whether we deliver on Saturdays. We do.",
        "Asked how to pay. Will pay by transfer.",
    ),
    "Order placed": (
        "Ordered two lamps. Delivery next week.",
        "Ordered from the price list, with the usual discount.",
        "Ordered again, same address as last time.",
    ),
    "Delivery": (
        "Parcel was late. It has arrived in the meantime.",
        "Changed the delivery address before it was sent.",
        "Moved the delivery to Thursday.",
    ),
    "Return or exchange": (
        "Exchanged for a larger size, free of charge.",
        "One item came with a scratch. Sent a new one.",
        "Returned everything within two weeks. Money is back.",
    ),
    "Complaint settled": (
        "Apologised and sent a voucher.",
        "Invoice was wrong. Sent a corrected one.",
    ),
    "No answer": (
        "Wrote twice, no answer. Closed for now.",
        "Stopped answering after the price was sent.",
    ),
    "Spam": ("Advertising, nothing to do with us.",),
}
"""Summaries by category, the most usual category first."""

COMMENTS = (
    "Prefers to be called in the morning.",
    "Call back on Friday about the invoice.",
    "Pays late, but always pays.",
    "Speaks English well, no need to translate.",
    "Asked for a discount again. We agreed on 5 %.",
    "Moved house last month, the old address is wrong.",
    "Knows the range very well and buys for friends too.",
    "Please check the delivery address before sending.",
    "Was very kind about the broken lamp.",
    "Wants the catalogue on paper.",
    "May open a shop next year. Wholesale could be interesting.",
    "Has two accounts, see the other e-mail address.",
)

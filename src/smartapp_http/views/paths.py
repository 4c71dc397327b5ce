"""Addresses that pages link to and handlers serve: named once, so that the two cannot drift apart."""

from typing import Final

SETUP: Final = "/setup"  # ?app=planner or ?app=safety says which listing the visitor comes from
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"  # POST
COMPANIES: Final = "/companies"  # GET shows the chooser, POST field `company` chooses

PROJECTS: Final = "/projects"
TICKS: Final = "/projects/ticks"  # POST fields project, product ("" is the row box), on (1 or 0)
PAGE_TICKS: Final = "/projects/ticks/page"  # POST fields project (repeated), on (1 or 0)
TARGETS: Final = "/projects/targets"  # POST fields project, target ("" is a new project)
SAVE: Final = "/projects/save"  # POST without script: see templates/projects.html
NEXT: Final = "/projects/next"  # POST
REFRESH: Final = "/projects/refresh"  # POST: read the platform's projects again
LOADING: Final = "/projects/loading"  # GET: progress of that, polled

SUBSCRIPTIONS: Final = "/subscriptions"
INTERVAL: Final = "/subscriptions/interval"  # POST field interval: year or month
CHECKOUT: Final = "/subscriptions/checkout"  # POST fields interval, fingerprint

CENTRAL: Final = "/central"
ADD_PROJECT: Final = "/central/add"  # GET the form, POST field name
MANAGE: Final = "/manage-subscriptions"
HELP: Final = "/help"

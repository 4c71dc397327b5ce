"""Addresses that pages link to and handlers serve: named once, so that the two cannot drift apart."""

from typing import Final

SETUP: Final = "/setup"  # ?app=planner or ?app=safety says which listing the visitor comes from
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"  # POST
SIGNED_OUT: Final = "/signed-out"
COMPANIES: Final = "/companies"  # GET shows the chooser, POST field `company` chooses

PROJECTS: Final = "/projects"
TICKS: Final = "/projects/ticks"  # POST fields project, product ("" is the row box), on (1 or 0)
PAGE_TICKS: Final = "/projects/ticks/page"  # POST fields project (repeated), on (1 or 0)
TARGETS: Final = "/projects/targets"  # POST fields project, target ("" is a new project)
SAVE: Final = "/projects/save"  # POST without script: see templates/projects.html
PASTE: Final = "/projects/paste"  # POST fields text, product (repeated), line-N: a look at the list, nothing is written
PASTE_APPLY: Final = "/projects/paste/apply"  # POST the same: tick what it names
NEXT: Final = "/projects/next"  # POST
REFRESH: Final = "/projects/refresh"  # POST: read the platform's projects again
LOADING: Final = "/projects/loading"  # GET: progress of that, polled

SUBSCRIPTIONS: Final = "/subscriptions"
INTERVAL: Final = "/subscriptions/interval"  # POST field interval: year or month
CHECKOUT: Final = "/subscriptions/checkout"  # POST fields interval, fingerprint, prorated_at
GIVE_UP: Final = "/checkout/give-up"  # POST field order

CENTRAL: Final = "/central"
ADD_PROJECT: Final = "/central/add"  # GET the form, POST field name
MANAGE: Final = "/manage-subscriptions"
CARD: Final = "/manage-subscriptions/card"  # POST: to the provider's page for the stored card
HELP: Final = "/help"

CLOCK: Final = "/demo-clock"  # only where time can be moved: POST fields by, date, back
CLOCK_NEWS: Final = "/demo-clock/news"

INVITATION: Final = "/invitation"  # /SECRET: where an invitation's link leads
MEMBERS: Final = "/members"
INVITE: Final = "/members/invite"  # GET the form, POST fields email, role
INVITATIONS: Final = "/members/invitations"  # /ID/renew and /ID/revoke, POST field version
LEAVE: Final = "/members/leave"  # POST
ACTIVITY: Final = "/activity"  # ?kind=…&member=…&after=…

ACCOUNT: Final = "/account"
TOKENS: Final = "/account/tokens"  # POST fields name, role, days; /ID/revoke
SESSIONS: Final = "/account/sessions"  # /HANDLE/end, POST
SIGN_OUT_EVERYWHERE: Final = "/account/sign-out-everywhere"  # POST field tokens

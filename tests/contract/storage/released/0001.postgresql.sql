-- A PostgreSQL database of version 0.1.0 (migration 0001), taken with pg_dump: two companies that bought, tick and wait.
-- Secrets are sealed with the key "2026" of 32 bytes "k".

CREATE TABLE public.accounts (
    account_id text NOT NULL COLLATE pg_catalog."C",
    platform text NOT NULL COLLATE pg_catalog."C",
    environment text NOT NULL COLLATE pg_catalog."C",
    company_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.accounts FORCE ROW LEVEL SECURITY;

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.connections (
    account_id text NOT NULL COLLATE pg_catalog."C",
    app text NOT NULL COLLATE pg_catalog."C",
    sealed_tokens bytea NOT NULL,
    key_id text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL
);

ALTER TABLE ONLY public.connections FORCE ROW LEVEL SECURITY;

CREATE TABLE public.drafts (
    account_id text NOT NULL COLLATE pg_catalog."C",
    member_id text NOT NULL COLLATE pg_catalog."C",
    platform_project_id text NOT NULL COLLATE pg_catalog."C",
    document jsonb NOT NULL
);

ALTER TABLE ONLY public.drafts FORCE ROW LEVEL SECURITY;

CREATE TABLE public.jobs (
    id text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    account_id text COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    due_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    fence integer NOT NULL,
    leased_until timestamp with time zone,
    problem text COLLATE pg_catalog."C",
    wanted_at timestamp with time zone,
    wanted_last timestamp with time zone
);

ALTER TABLE ONLY public.jobs FORCE ROW LEVEL SECURITY;

CREATE TABLE public.licenses (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    project_id text NOT NULL COLLATE pg_catalog."C",
    product text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    granted_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    ended_at timestamp with time zone,
    version integer NOT NULL,
    document jsonb NOT NULL
);

ALTER TABLE ONLY public.licenses FORCE ROW LEVEL SECURITY;

CREATE TABLE public.listings (
    account_id text NOT NULL COLLATE pg_catalog."C",
    installed text NOT NULL COLLATE pg_catalog."C",
    requested_at timestamp with time zone,
    refreshed_at timestamp with time zone,
    problem text COLLATE pg_catalog."C",
    version integer NOT NULL
);

ALTER TABLE ONLY public.listings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.mappings (
    account_id text NOT NULL COLLATE pg_catalog."C",
    platform_project_id text NOT NULL COLLATE pg_catalog."C",
    project_id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    linked_at timestamp with time zone NOT NULL,
    version integer NOT NULL
);

ALTER TABLE ONLY public.mappings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.members (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    person_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    joined_at timestamp with time zone NOT NULL,
    version integer NOT NULL
);

ALTER TABLE ONLY public.members FORCE ROW LEVEL SECURITY;

CREATE TABLE public.notices (
    id text NOT NULL COLLATE pg_catalog."C",
    document jsonb NOT NULL,
    body bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    handled_at timestamp with time zone
);

ALTER TABLE ONLY public.notices FORCE ROW LEVEL SECURITY;

CREATE TABLE public.order_claims (
    account_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    platform_project_id text NOT NULL COLLATE pg_catalog."C",
    product text NOT NULL COLLATE pg_catalog."C",
    is_open boolean NOT NULL
);

ALTER TABLE ONLY public.order_claims FORCE ROW LEVEL SECURITY;

CREATE TABLE public.orders (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    member_id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    is_open boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    checkout_id text COLLATE pg_catalog."C",
    version integer NOT NULL,
    document jsonb NOT NULL
);

ALTER TABLE ONLY public.orders FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people (
    id text NOT NULL COLLATE pg_catalog."C",
    platform text NOT NULL COLLATE pg_catalog."C",
    environment text NOT NULL COLLATE pg_catalog."C",
    platform_user_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.people FORCE ROW LEVEL SECURITY;

CREATE TABLE public.platform_projects (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    number text COLLATE pg_catalog."C",
    city text COLLATE pg_catalog."C",
    active boolean NOT NULL,
    apps text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone,
    folded_name text NOT NULL COLLATE pg_catalog."C",
    folded_number text NOT NULL COLLATE pg_catalog."C",
    search text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.platform_projects FORCE ROW LEVEL SECURITY;

CREATE TABLE public.profiles (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    is_default boolean NOT NULL,
    version integer NOT NULL
);

ALTER TABLE ONLY public.profiles FORCE ROW LEVEL SECURITY;

CREATE TABLE public.projects (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    number text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    folded_name text NOT NULL COLLATE pg_catalog."C",
    folded_number text NOT NULL COLLATE pg_catalog."C",
    search text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.projects FORCE ROW LEVEL SECURITY;

CREATE TABLE public.sessions (
    id text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone NOT NULL,
    document jsonb NOT NULL,
    sealed_grant bytea,
    key_id text COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.subscriptions (
    account_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    as_of timestamp with time zone NOT NULL,
    document jsonb NOT NULL
);

ALTER TABLE ONLY public.subscriptions FORCE ROW LEVEL SECURITY;

INSERT INTO public.accounts (account_id, platform, environment, company_id, name, created_at) VALUES ('id-2', 'procore', 'production', '77', 'Company 77', '2026-03-02 12:00:00+00');
INSERT INTO public.accounts (account_id, platform, environment, company_id, name, created_at) VALUES ('id-24', 'procore', 'production', '88', 'Company 88', '2026-03-02 12:03:00+00');

INSERT INTO public.alembic_version (version_num) VALUES ('0001');

INSERT INTO public.connections (account_id, app, sealed_tokens, key_id, version) VALUES ('id-2', 'planner', '\x43779a773e2d6ef6beaa2336249f3436269c9c0cf48abf43a66cbf204141722cc4eea40744a5ceea097b18db8e67da13548cfb46893783d328ee028f347b68289cf60207e185eec3bace731e785b4271394dfffd5bbe9e970c1da6f5d44789e2616027ef1f9b82e9dd0d97b12187eb721137d89e488366ab0f63dab148f814f4dd61b7e5e45dfd9c3674bb2c1078b97c589ab05a0a', '2026', 1);
INSERT INTO public.connections (account_id, app, sealed_tokens, key_id, version) VALUES ('id-24', 'planner', '\x6515227d30063e19e7e6973e2119f9753f3c6169c82b63911e608e9dfda188e2443c4316c6e071413bc38eb5f482d7c9b7f1a29bd862b00c949fb004d011f5ce186319d2771c72c7efc77fde19da8aff4c595288a4597a762b67ba07972d77b472657ce08dc4c8cdb91c96e048385ba7073453ba4d6ed4ca883ddd341a28179aa11f71e2cb63b4df9dca4ef305303748891d5e695c', '2026', 1);

INSERT INTO public.drafts (account_id, member_id, platform_project_id, document) VALUES ('id-2', 'id-3', '4294967303', '{"target": "new", "selection": {"add_ons": [], "modules": ["planner"]}, "platform_project_id": "4294967303"}');
INSERT INTO public.drafts (account_id, member_id, platform_project_id, document) VALUES ('id-24', 'id-25', '4294967303', '{"target": "new", "selection": {"add_ons": [], "modules": ["planner"]}, "platform_project_id": "4294967303"}');

INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-4', 'refresh_projects:id-2:', 'refresh_projects', 'id-2', '', 'done', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-7', 'refresh_projects:id-2:', 'refresh_projects', 'id-2', '', 'done', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-11', 'handle_billing_event::evt_4', 'handle_billing_event', NULL, 'evt_4', 'done', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-12', 'handle_billing_event::evt_5', 'handle_billing_event', NULL, 'evt_5', 'done', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-13', 'handle_billing_event::evt_6', 'handle_billing_event', NULL, 'evt_6', 'done', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-20', 'sync_subscription:id-2:sub_2', 'sync_subscription', 'id-2', 'sub_2', 'waiting', '2026-03-03 12:00:00+00', '2026-03-02 12:00:00+00', 0, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-14', 'fulfill_order:id-2:id-9', 'fulfill_order', 'id-2', 'id-9', 'done', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-10', 'check_order:id-2:id-9', 'check_order', 'id-2', 'id-9', 'done', '2026-03-02 12:02:00+00', '2026-03-02 12:00:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-26', 'refresh_projects:id-24:', 'refresh_projects', 'id-24', '', 'done', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-29', 'refresh_projects:id-24:', 'refresh_projects', 'id-24', '', 'done', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-33', 'handle_billing_event::evt_11', 'handle_billing_event', NULL, 'evt_11', 'done', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-34', 'handle_billing_event::evt_12', 'handle_billing_event', NULL, 'evt_12', 'done', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-35', 'handle_billing_event::evt_13', 'handle_billing_event', NULL, 'evt_13', 'done', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-42', 'sync_subscription:id-24:sub_9', 'sync_subscription', 'id-24', 'sub_9', 'waiting', '2026-03-03 12:03:00+00', '2026-03-02 12:03:00+00', 0, 0, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-36', 'fulfill_order:id-24:id-31', 'fulfill_order', 'id-24', 'id-31', 'done', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-22', 'check_order:id-2:id-21', 'check_order', 'id-2', 'id-21', 'waiting', '2026-03-02 12:16:00+00', '2026-03-02 12:03:00+00', 0, 1, NULL, NULL, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-32', 'check_order:id-24:id-31', 'check_order', 'id-24', 'id-31', 'done', '2026-03-02 12:05:00+00', '2026-03-02 12:03:00+00', 1, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.jobs (id, key, kind, account_id, subject, state, due_at, created_at, attempts, fence, leased_until, problem, wanted_at, wanted_last) VALUES ('id-45', 'check_order:id-24:id-44', 'check_order', 'id-24', 'id-44', 'waiting', '2026-03-02 12:08:00+00', '2026-03-02 12:06:00+00', 0, 0, NULL, NULL, NULL, NULL);

INSERT INTO public.licenses (account_id, id, project_id, product, subscription_id, granted_at, ends_at, ended_at, version, document) VALUES ('id-2', 'id-16', 'id-15', 'planner', 'sub_2', '2026-03-02 12:00:00+00', NULL, NULL, 1, '{"id": "id-16", "paused": false, "ends_at": null, "product": "planner", "version": 1, "coverage": [{"end": "2026-04-02T12:00:00+00:00", "start": "2026-03-02T12:00:00+00:00", "line_id": "in_3_line_1", "payment": "paid", "failed_at": null, "invoice_id": "in_3", "next_attempt_at": null}], "ended_at": null, "order_id": "id-9", "account_id": "id-2", "granted_at": "2026-03-02T12:00:00+00:00", "project_id": "id-15", "subscription_id": "sub_2"}');
INSERT INTO public.licenses (account_id, id, project_id, product, subscription_id, granted_at, ends_at, ended_at, version, document) VALUES ('id-2', 'id-17', 'id-15', 'safety', 'sub_2', '2026-03-02 12:00:00+00', NULL, NULL, 1, '{"id": "id-17", "paused": false, "ends_at": null, "product": "safety", "version": 1, "coverage": [{"end": "2026-04-02T12:00:00+00:00", "start": "2026-03-02T12:00:00+00:00", "line_id": "in_3_line_2", "payment": "paid", "failed_at": null, "invoice_id": "in_3", "next_attempt_at": null}], "ended_at": null, "order_id": "id-9", "account_id": "id-2", "granted_at": "2026-03-02T12:00:00+00:00", "project_id": "id-15", "subscription_id": "sub_2"}');
INSERT INTO public.licenses (account_id, id, project_id, product, subscription_id, granted_at, ends_at, ended_at, version, document) VALUES ('id-2', 'id-19', 'id-18', 'safety', 'sub_2', '2026-03-02 12:00:00+00', NULL, NULL, 1, '{"id": "id-19", "paused": false, "ends_at": null, "product": "safety", "version": 1, "coverage": [{"end": "2026-04-02T12:00:00+00:00", "start": "2026-03-02T12:00:00+00:00", "line_id": "in_3_line_2", "payment": "paid", "failed_at": null, "invoice_id": "in_3", "next_attempt_at": null}], "ended_at": null, "order_id": "id-9", "account_id": "id-2", "granted_at": "2026-03-02T12:00:00+00:00", "project_id": "id-18", "subscription_id": "sub_2"}');
INSERT INTO public.licenses (account_id, id, project_id, product, subscription_id, granted_at, ends_at, ended_at, version, document) VALUES ('id-24', 'id-38', 'id-37', 'planner', 'sub_9', '2026-03-02 12:03:00+00', NULL, NULL, 1, '{"id": "id-38", "paused": false, "ends_at": null, "product": "planner", "version": 1, "coverage": [{"end": "2026-04-02T12:03:00+00:00", "start": "2026-03-02T12:03:00+00:00", "line_id": "in_10_line_1", "payment": "paid", "failed_at": null, "invoice_id": "in_10", "next_attempt_at": null}], "ended_at": null, "order_id": "id-31", "account_id": "id-24", "granted_at": "2026-03-02T12:03:00+00:00", "project_id": "id-37", "subscription_id": "sub_9"}');
INSERT INTO public.licenses (account_id, id, project_id, product, subscription_id, granted_at, ends_at, ended_at, version, document) VALUES ('id-24', 'id-39', 'id-37', 'safety', 'sub_9', '2026-03-02 12:03:00+00', NULL, NULL, 1, '{"id": "id-39", "paused": false, "ends_at": null, "product": "safety", "version": 1, "coverage": [{"end": "2026-04-02T12:03:00+00:00", "start": "2026-03-02T12:03:00+00:00", "line_id": "in_10_line_2", "payment": "paid", "failed_at": null, "invoice_id": "in_10", "next_attempt_at": null}], "ended_at": null, "order_id": "id-31", "account_id": "id-24", "granted_at": "2026-03-02T12:03:00+00:00", "project_id": "id-37", "subscription_id": "sub_9"}');
INSERT INTO public.licenses (account_id, id, project_id, product, subscription_id, granted_at, ends_at, ended_at, version, document) VALUES ('id-24', 'id-41', 'id-40', 'safety', 'sub_9', '2026-03-02 12:03:00+00', NULL, NULL, 1, '{"id": "id-41", "paused": false, "ends_at": null, "product": "safety", "version": 1, "coverage": [{"end": "2026-04-02T12:03:00+00:00", "start": "2026-03-02T12:03:00+00:00", "line_id": "in_10_line_2", "payment": "paid", "failed_at": null, "invoice_id": "in_10", "next_attempt_at": null}], "ended_at": null, "order_id": "id-31", "account_id": "id-24", "granted_at": "2026-03-02T12:03:00+00:00", "project_id": "id-40", "subscription_id": "sub_9"}');

INSERT INTO public.listings (account_id, installed, requested_at, refreshed_at, problem, version) VALUES ('id-2', 'planner,safety', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00', NULL, 4);
INSERT INTO public.listings (account_id, installed, requested_at, refreshed_at, problem, version) VALUES ('id-24', 'planner,safety', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', NULL, 4);

INSERT INTO public.mappings (account_id, platform_project_id, project_id, state, linked_at, version) VALUES ('id-2', '4294967301', 'id-15', 'linked', '2026-03-02 12:00:00+00', 1);
INSERT INTO public.mappings (account_id, platform_project_id, project_id, state, linked_at, version) VALUES ('id-2', '4294967302', 'id-18', 'linked', '2026-03-02 12:00:00+00', 1);
INSERT INTO public.mappings (account_id, platform_project_id, project_id, state, linked_at, version) VALUES ('id-24', '4294967301', 'id-37', 'linked', '2026-03-02 12:03:00+00', 1);
INSERT INTO public.mappings (account_id, platform_project_id, project_id, state, linked_at, version) VALUES ('id-24', '4294967302', 'id-40', 'linked', '2026-03-02 12:03:00+00', 1);

INSERT INTO public.members (account_id, id, person_id, name, email, role, joined_at, version) VALUES ('id-2', 'id-3', 'id-1', 'Dana', 'dana@example.com', 'owner', '2026-03-02 12:00:00+00', 1);
INSERT INTO public.members (account_id, id, person_id, name, email, role, joined_at, version) VALUES ('id-2', 'id-6', 'id-5', 'Dana-Ed', 'dana-ed@example.com', 'team_member', '2026-03-02 12:00:00+00', 1);
INSERT INTO public.members (account_id, id, person_id, name, email, role, joined_at, version) VALUES ('id-24', 'id-25', 'id-23', 'Gwen', 'gwen@example.com', 'owner', '2026-03-02 12:03:00+00', 1);
INSERT INTO public.members (account_id, id, person_id, name, email, role, joined_at, version) VALUES ('id-24', 'id-28', 'id-27', 'Gwen-Ed', 'gwen-ed@example.com', 'team_member', '2026-03-02 12:03:00+00', 1);

INSERT INTO public.notices (id, document, body, received_at, handled_at) VALUES ('evt_4', '{"id": "evt_4", "type": "checkout.session.completed", "order_id": "id-9", "created_at": "2026-03-02T12:00:00+00:00", "checkout_id": "cs_1", "subscription_id": "sub_2"}', '\x7b226964223a20226576745f34222c202274797065223a2022636865636b6f75742e73657373696f6e2e636f6d706c65746564222c2022637265617465645f6174223a2022323032362d30332d30325431323a30303a30302b30303a3030222c2022636865636b6f75745f6964223a202263735f31222c20226f726465725f6964223a202269642d39222c2022737562736372697074696f6e5f6964223a20227375625f32227d', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00');
INSERT INTO public.notices (id, document, body, received_at, handled_at) VALUES ('evt_5', '{"id": "evt_5", "type": "customer.subscription.created", "order_id": "id-9", "created_at": "2026-03-02T12:00:00+00:00", "checkout_id": null, "subscription_id": "sub_2"}', '\x7b226964223a20226576745f35222c202274797065223a2022637573746f6d65722e737562736372697074696f6e2e63726561746564222c2022637265617465645f6174223a2022323032362d30332d30325431323a30303a30302b30303a3030222c2022636865636b6f75745f6964223a206e756c6c2c20226f726465725f6964223a202269642d39222c2022737562736372697074696f6e5f6964223a20227375625f32227d', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00');
INSERT INTO public.notices (id, document, body, received_at, handled_at) VALUES ('evt_6', '{"id": "evt_6", "type": "invoice.paid", "order_id": "id-9", "created_at": "2026-03-02T12:00:00+00:00", "checkout_id": null, "subscription_id": "sub_2"}', '\x7b226964223a20226576745f36222c202274797065223a2022696e766f6963652e70616964222c2022637265617465645f6174223a2022323032362d30332d30325431323a30303a30302b30303a3030222c2022636865636b6f75745f6964223a206e756c6c2c20226f726465725f6964223a202269642d39222c2022737562736372697074696f6e5f6964223a20227375625f32227d', '2026-03-02 12:00:00+00', '2026-03-02 12:00:00+00');
INSERT INTO public.notices (id, document, body, received_at, handled_at) VALUES ('evt_11', '{"id": "evt_11", "type": "checkout.session.completed", "order_id": "id-31", "created_at": "2026-03-02T12:03:00+00:00", "checkout_id": "cs_8", "subscription_id": "sub_9"}', '\x7b226964223a20226576745f3131222c202274797065223a2022636865636b6f75742e73657373696f6e2e636f6d706c65746564222c2022637265617465645f6174223a2022323032362d30332d30325431323a30333a30302b30303a3030222c2022636865636b6f75745f6964223a202263735f38222c20226f726465725f6964223a202269642d3331222c2022737562736372697074696f6e5f6964223a20227375625f39227d', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00');
INSERT INTO public.notices (id, document, body, received_at, handled_at) VALUES ('evt_12', '{"id": "evt_12", "type": "customer.subscription.created", "order_id": "id-31", "created_at": "2026-03-02T12:03:00+00:00", "checkout_id": null, "subscription_id": "sub_9"}', '\x7b226964223a20226576745f3132222c202274797065223a2022637573746f6d65722e737562736372697074696f6e2e63726561746564222c2022637265617465645f6174223a2022323032362d30332d30325431323a30333a30302b30303a3030222c2022636865636b6f75745f6964223a206e756c6c2c20226f726465725f6964223a202269642d3331222c2022737562736372697074696f6e5f6964223a20227375625f39227d', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00');
INSERT INTO public.notices (id, document, body, received_at, handled_at) VALUES ('evt_13', '{"id": "evt_13", "type": "invoice.paid", "order_id": "id-31", "created_at": "2026-03-02T12:03:00+00:00", "checkout_id": null, "subscription_id": "sub_9"}', '\x7b226964223a20226576745f3133222c202274797065223a2022696e766f6963652e70616964222c2022637265617465645f6174223a2022323032362d30332d30325431323a30333a30302b30303a3030222c2022636865636b6f75745f6964223a206e756c6c2c20226f726465725f6964223a202269642d3331222c2022737562736372697074696f6e5f6964223a20227375625f39227d', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00');

INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-2', 'id-9', '4294967301', 'planner', false);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-2', 'id-9', '4294967301', 'safety', false);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-2', 'id-9', '4294967302', 'safety', false);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-2', 'id-21', '4294967303', 'planner', true);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-24', 'id-31', '4294967301', 'planner', false);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-24', 'id-31', '4294967301', 'safety', false);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-24', 'id-31', '4294967302', 'safety', false);
INSERT INTO public.order_claims (account_id, order_id, platform_project_id, product, is_open) VALUES ('id-24', 'id-44', '4294967303', 'planner', true);

INSERT INTO public.orders (account_id, id, member_id, state, is_open, created_at, checkout_id, version, document) VALUES ('id-2', 'id-9', 'id-3', 'fulfilled', false, '2026-03-02 12:00:00+00', 'cs_1', 4, '{"id": "id-9", "items": [{"name": "TOTTENVILLE HS – Ünïcode", "number": "N0000", "target": "new", "selection": {"add_ons": [], "modules": ["planner", "safety"]}, "platform_project_id": "4294967301"}, {"name": "FLUSHING HS", "number": "N0001", "target": "new", "selection": {"add_ons": [], "modules": ["safety"]}, "platform_project_id": "4294967302"}], "quote": {"lines": [{"product": "planner", "quantity": 1, "unit_cents": 29500}, {"product": "safety", "quantity": 2, "unit_cents": 59500}], "interval": "month", "left_out": []}, "state": "fulfilled", "version": 4, "checkout": {"id": "cs_1", "url": "https://pay.test/cs_1", "expires_at": "2026-03-02T13:00:00+00:00"}, "member_id": "id-3", "account_id": "id-2", "created_at": "2026-03-02T12:00:00+00:00", "not_bought": [], "profile_id": "id-8", "fingerprint": "63cdfdd498da75f08255ec457f5b987bd694787fc990a73a9d3ba4e46cffe1c5", "closed_because": null, "subscription_id": "sub_2", "price_book_version": 1}');
INSERT INTO public.orders (account_id, id, member_id, state, is_open, created_at, checkout_id, version, document) VALUES ('id-2', 'id-21', 'id-3', 'awaiting_payment', true, '2026-03-02 12:03:00+00', 'cs_7', 2, '{"id": "id-21", "items": [{"name": "FLUSHING HS", "number": "N0002", "target": "new", "selection": {"add_ons": [], "modules": ["planner"]}, "platform_project_id": "4294967303"}], "quote": {"lines": [{"product": "planner", "quantity": 1, "unit_cents": 354000}], "interval": "year", "left_out": []}, "state": "awaiting_payment", "version": 2, "checkout": {"id": "cs_7", "url": "https://pay.test/cs_7", "expires_at": "2026-03-02T13:03:00+00:00"}, "member_id": "id-3", "account_id": "id-2", "created_at": "2026-03-02T12:03:00+00:00", "not_bought": [], "profile_id": "id-8", "fingerprint": "c09042da49b13a84952728865962e4d68cb312e254aaf686cd13a4f53544d0a5", "closed_because": null, "subscription_id": null, "price_book_version": 1}');
INSERT INTO public.orders (account_id, id, member_id, state, is_open, created_at, checkout_id, version, document) VALUES ('id-24', 'id-44', 'id-25', 'awaiting_payment', true, '2026-03-02 12:06:00+00', 'cs_14', 2, '{"id": "id-44", "items": [{"name": "FLUSHING HS", "number": "N0002", "target": "new", "selection": {"add_ons": [], "modules": ["planner"]}, "platform_project_id": "4294967303"}], "quote": {"lines": [{"product": "planner", "quantity": 1, "unit_cents": 354000}], "interval": "year", "left_out": []}, "state": "awaiting_payment", "version": 2, "checkout": {"id": "cs_14", "url": "https://pay.test/cs_14", "expires_at": "2026-03-02T13:06:00+00:00"}, "member_id": "id-25", "account_id": "id-24", "created_at": "2026-03-02T12:06:00+00:00", "not_bought": [], "profile_id": "id-30", "fingerprint": "c09042da49b13a84952728865962e4d68cb312e254aaf686cd13a4f53544d0a5", "closed_because": null, "subscription_id": null, "price_book_version": 1}');
INSERT INTO public.orders (account_id, id, member_id, state, is_open, created_at, checkout_id, version, document) VALUES ('id-24', 'id-31', 'id-25', 'fulfilled', false, '2026-03-02 12:03:00+00', 'cs_8', 4, '{"id": "id-31", "items": [{"name": "TOTTENVILLE HS – Ünïcode", "number": "N0000", "target": "new", "selection": {"add_ons": [], "modules": ["planner", "safety"]}, "platform_project_id": "4294967301"}, {"name": "FLUSHING HS", "number": "N0001", "target": "new", "selection": {"add_ons": [], "modules": ["safety"]}, "platform_project_id": "4294967302"}], "quote": {"lines": [{"product": "planner", "quantity": 1, "unit_cents": 29500}, {"product": "safety", "quantity": 2, "unit_cents": 59500}], "interval": "month", "left_out": []}, "state": "fulfilled", "version": 4, "checkout": {"id": "cs_8", "url": "https://pay.test/cs_8", "expires_at": "2026-03-02T13:03:00+00:00"}, "member_id": "id-25", "account_id": "id-24", "created_at": "2026-03-02T12:03:00+00:00", "not_bought": [], "profile_id": "id-30", "fingerprint": "63cdfdd498da75f08255ec457f5b987bd694787fc990a73a9d3ba4e46cffe1c5", "closed_because": null, "subscription_id": "sub_9", "price_book_version": 1}');

INSERT INTO public.people (id, platform, environment, platform_user_id, name, email) VALUES ('id-1', 'procore', 'production', 'dana', 'Dana', 'dana@example.com');
INSERT INTO public.people (id, platform, environment, platform_user_id, name, email) VALUES ('id-5', 'procore', 'production', 'dana-ed', 'Dana-Ed', 'dana-ed@example.com');
INSERT INTO public.people (id, platform, environment, platform_user_id, name, email) VALUES ('id-23', 'procore', 'production', 'gwen', 'Gwen', 'gwen@example.com');
INSERT INTO public.people (id, platform, environment, platform_user_id, name, email) VALUES ('id-27', 'procore', 'production', 'gwen-ed', 'Gwen-Ed', 'gwen-ed@example.com');

INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-2', '4294967301', 'TOTTENVILLE HS – Ünïcode', 'N0000', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'tottenville hs – unicode', 'n0000', 'tottenville hs – unicode
n0000
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-2', '4294967302', 'FLUSHING HS', 'N0001', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'flushing hs', 'n0001', 'flushing hs
n0001
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-2', '4294967303', 'FLUSHING HS', 'N0002', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'flushing hs', 'n0002', 'flushing hs
n0002
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-2', '4294967304', 'P.S. 26', 'N0003', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'p.s. 26', 'n0003', 'p.s. 26
n0003
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-24', '4294967301', 'TOTTENVILLE HS – Ünïcode', 'N0000', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'tottenville hs – unicode', 'n0000', 'tottenville hs – unicode
n0000
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-24', '4294967302', 'FLUSHING HS', 'N0001', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'flushing hs', 'n0001', 'flushing hs
n0001
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-24', '4294967303', 'FLUSHING HS', 'N0002', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'flushing hs', 'n0002', 'flushing hs
n0002
austin');
INSERT INTO public.platform_projects (account_id, id, name, number, city, active, apps, created_at, folded_name, folded_number, search) VALUES ('id-24', '4294967304', 'P.S. 26', 'N0003', 'Austin', true, 'planner,safety', '2026-03-02 12:00:00+00', 'p.s. 26', 'n0003', 'p.s. 26
n0003
austin');

INSERT INTO public.profiles (account_id, id, name, email, customer_id, is_default, version) VALUES ('id-2', 'id-8', 'Company 77', 'dana@example.com', 'cus_1', true, 2);
INSERT INTO public.profiles (account_id, id, name, email, customer_id, is_default, version) VALUES ('id-24', 'id-30', 'Company 88', 'gwen@example.com', 'cus_2', true, 2);

INSERT INTO public.projects (account_id, id, name, number, created_at, version, folded_name, folded_number, search) VALUES ('id-2', 'id-15', 'TOTTENVILLE HS – Ünïcode', 'N0000', '2026-03-02 12:00:00+00', 1, 'tottenville hs – unicode', 'n0000', 'tottenville hs – unicode
n0000');
INSERT INTO public.projects (account_id, id, name, number, created_at, version, folded_name, folded_number, search) VALUES ('id-2', 'id-18', 'FLUSHING HS', 'N0001', '2026-03-02 12:00:00+00', 1, 'flushing hs', 'n0001', 'flushing hs
n0001');
INSERT INTO public.projects (account_id, id, name, number, created_at, version, folded_name, folded_number, search) VALUES ('id-24', 'id-37', 'TOTTENVILLE HS – Ünïcode', 'N0000', '2026-03-02 12:03:00+00', 1, 'tottenville hs – unicode', 'n0000', 'tottenville hs – unicode
n0000');
INSERT INTO public.projects (account_id, id, name, number, created_at, version, folded_name, folded_number, search) VALUES ('id-24', 'id-40', 'FLUSHING HS', 'N0001', '2026-03-02 12:03:00+00', 1, 'flushing hs', 'n0001', 'flushing hs
n0001');

INSERT INTO public.sessions (id, expires_at, document, sealed_grant, key_id) VALUES ('hash-of-danas-cookie', '2026-03-03 00:03:00+00', '{"id": "hash-of-danas-cookie", "app": null, "grant": null, "state": null, "wanted": null, "companies": [], "next_path": null, "person_id": "id-1", "account_id": "id-2", "expires_at": "2026-03-03T00:03:00+00:00"}', NULL, NULL);
INSERT INTO public.sessions (id, expires_at, document, sealed_grant, key_id) VALUES ('hash-of-danas-other-cookie', '2026-03-03 00:03:00+00', '{"id": "hash-of-danas-other-cookie", "app": "planner", "grant": null, "state": "oauth-state", "wanted": null, "companies": [["77", "Company"]], "next_path": null, "person_id": "id-1", "account_id": null, "expires_at": "2026-03-03T00:03:00+00:00"}', '\xadbab3bbf81e2ffb8f22453110b8760bb1646a5d72e8d3792930829e910aeeda91dcf13f82dffd29b9c09e5b0f5abb12f51402df155d3a05ea237317c70f711e3b549e3e79ae3ace19690b4b46a3563695555868225f2bce495711a00f46204f09d16d349a01e8d6ee5aab4605cd2c079aab70250635b13511dc3a1610fd4617ce2ea6afe24d51d65e3e', '2026');
INSERT INTO public.sessions (id, expires_at, document, sealed_grant, key_id) VALUES ('hash-of-gwens-cookie', '2026-03-03 00:06:00+00', '{"id": "hash-of-gwens-cookie", "app": null, "grant": null, "state": null, "wanted": null, "companies": [], "next_path": null, "person_id": "id-23", "account_id": "id-24", "expires_at": "2026-03-03T00:06:00+00:00"}', NULL, NULL);
INSERT INTO public.sessions (id, expires_at, document, sealed_grant, key_id) VALUES ('hash-of-gwens-other-cookie', '2026-03-03 00:06:00+00', '{"id": "hash-of-gwens-other-cookie", "app": "planner", "grant": null, "state": "oauth-state", "wanted": null, "companies": [["88", "Company"]], "next_path": null, "person_id": "id-23", "account_id": null, "expires_at": "2026-03-03T00:06:00+00:00"}', '\x8fd1fc7f590fe0265c86e69b1b9b77459a0897a0cd264c4db152d72a1665664f47697e04138039e7b71f8682d7acef6334f718621dace1d84872a3d844834b78709e5a2d1e7a8c875354391768d9c53e82576de3938d38fbda210a74a9904f1187bf03c8be44562710215567fdbcfebf30febf59411ba3c132232cbdd9f57d9057b69c31de86e5f0dbea', '2026');

INSERT INTO public.subscriptions (account_id, id, as_of, document) VALUES ('id-2', 'sub_2', '2026-03-02 12:00:00+00', '{"id": "sub_2", "as_of": "2026-03-02T12:00:00+00:00", "items": [{"product": "planner", "quantity": 1, "period_end": "2026-04-02T12:00:00+00:00", "unit_cents": 29500, "period_start": "2026-03-02T12:00:00+00:00"}, {"product": "safety", "quantity": 2, "period_end": "2026-04-02T12:00:00+00:00", "unit_cents": 59500, "period_start": "2026-03-02T12:00:00+00:00"}], "status": "active", "ended_at": null, "interval": "month", "invoices": [{"id": "in_3", "lines": [{"id": "in_3_line_1", "product": "planner", "quantity": 1, "period_end": "2026-04-02T12:00:00+00:00", "amount_cents": 29500, "is_proration": false, "period_start": "2026-03-02T12:00:00+00:00"}, {"id": "in_3_line_2", "product": "safety", "quantity": 2, "period_end": "2026-04-02T12:00:00+00:00", "amount_cents": 119000, "is_proration": false, "period_start": "2026-03-02T12:00:00+00:00"}], "number": "IN_3", "status": "paid", "pdf_url": "https://pay.test/in_3.pdf", "failed_at": null, "created_at": "2026-03-02T12:00:00+00:00", "hosted_url": "https://pay.test/in_3", "total_cents": 148500, "next_attempt_at": null}], "order_id": "id-9", "cancel_at": null, "customer_id": "cus_1"}');
INSERT INTO public.subscriptions (account_id, id, as_of, document) VALUES ('id-24', 'sub_9', '2026-03-02 12:03:00+00', '{"id": "sub_9", "as_of": "2026-03-02T12:03:00+00:00", "items": [{"product": "planner", "quantity": 1, "period_end": "2026-04-02T12:03:00+00:00", "unit_cents": 29500, "period_start": "2026-03-02T12:03:00+00:00"}, {"product": "safety", "quantity": 2, "period_end": "2026-04-02T12:03:00+00:00", "unit_cents": 59500, "period_start": "2026-03-02T12:03:00+00:00"}], "status": "active", "ended_at": null, "interval": "month", "invoices": [{"id": "in_10", "lines": [{"id": "in_10_line_1", "product": "planner", "quantity": 1, "period_end": "2026-04-02T12:03:00+00:00", "amount_cents": 29500, "is_proration": false, "period_start": "2026-03-02T12:03:00+00:00"}, {"id": "in_10_line_2", "product": "safety", "quantity": 2, "period_end": "2026-04-02T12:03:00+00:00", "amount_cents": 119000, "is_proration": false, "period_start": "2026-03-02T12:03:00+00:00"}], "number": "IN_10", "status": "paid", "pdf_url": "https://pay.test/in_10.pdf", "failed_at": null, "created_at": "2026-03-02T12:03:00+00:00", "hosted_url": "https://pay.test/in_10", "total_cents": 148500, "next_attempt_at": null}], "order_id": "id-31", "cancel_at": null, "customer_id": "cus_2"}');

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (account_id, app);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (account_id, member_id, platform_project_id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.licenses
    ADD CONSTRAINT licenses_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.listings
    ADD CONSTRAINT listings_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.mappings
    ADD CONSTRAINT mappings_pkey PRIMARY KEY (account_id, platform_project_id);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT one_account_per_company UNIQUE (platform, environment, company_id);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT one_member_per_person UNIQUE (account_id, person_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT one_order_per_checkout UNIQUE (account_id, checkout_id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT one_person_per_platform_user UNIQUE (platform, environment, platform_user_id);

ALTER TABLE ONLY public.order_claims
    ADD CONSTRAINT order_claims_pkey PRIMARY KEY (account_id, order_id, platform_project_id, product);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.platform_projects
    ADD CONSTRAINT platform_projects_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (account_id, id);

CREATE INDEX drafts_by_project ON public.drafts USING btree (account_id, platform_project_id);

CREATE INDEX jobs_by_creation ON public.jobs USING btree (state, created_at);

CREATE INDEX jobs_by_due ON public.jobs USING btree (state, due_at, id);

CREATE INDEX licenses_by_project ON public.licenses USING btree (account_id, project_id, product, ends_at, ended_at);

CREATE INDEX licenses_by_subscription ON public.licenses USING btree (account_id, subscription_id);

CREATE INDEX mappings_by_project ON public.mappings USING btree (account_id, project_id, state, platform_project_id);

CREATE INDEX members_by_person ON public.members USING btree (person_id);

CREATE UNIQUE INDEX one_default_profile ON public.profiles USING btree (account_id) WHERE is_default;

CREATE UNIQUE INDEX one_lasting_license_per_product ON public.licenses USING btree (account_id, project_id, product) WHERE ((ends_at IS NULL) AND (ended_at IS NULL));

CREATE UNIQUE INDEX one_live_link_per_project ON public.mappings USING btree (account_id, project_id) WHERE (state = ANY (ARRAY['linked'::text, 'disconnected'::text]));

CREATE UNIQUE INDEX one_open_order_per_product ON public.order_claims USING btree (account_id, platform_project_id, product) WHERE is_open;

CREATE UNIQUE INDEX one_waiting_job_per_key ON public.jobs USING btree (key) WHERE (state = 'waiting'::text);

CREATE INDEX order_claims_by_project ON public.order_claims USING btree (account_id, platform_project_id);

CREATE INDEX orders_by_age ON public.orders USING btree (account_id, is_open, created_at);

CREATE INDEX orders_by_id ON public.orders USING btree (id);

CREATE INDEX platform_projects_by_name ON public.platform_projects USING btree (account_id, folded_name, folded_number, id);

CREATE INDEX projects_by_name ON public.projects USING btree (account_id, folded_name, folded_number, id);

CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expires_at);

CREATE INDEX subscriptions_by_id ON public.subscriptions USING btree (id);

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.connections ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.licenses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.listings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mappings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.order_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON public.accounts USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.connections USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.drafts USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.jobs USING (((current_setting('smartapp.scope'::text, true) = 'operator'::text) OR (account_id = current_setting('smartapp.account_id'::text, true)) OR (account_id IS NULL)));

CREATE POLICY own_rows ON public.licenses USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.listings USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.mappings USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.members USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.notices USING ((current_setting('smartapp.scope'::text, true) = 'operator'::text));

CREATE POLICY own_rows ON public.order_claims USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.orders USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.people USING ((current_setting('smartapp.scope'::text, true) = 'operator'::text));

CREATE POLICY own_rows ON public.platform_projects USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.profiles USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.projects USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

CREATE POLICY own_rows ON public.sessions USING ((current_setting('smartapp.scope'::text, true) = 'operator'::text));

CREATE POLICY own_rows ON public.subscriptions USING (((account_id = current_setting('smartapp.account_id'::text, true)) OR (current_setting('smartapp.scope'::text, true) = 'operator'::text)));

ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.platform_projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;

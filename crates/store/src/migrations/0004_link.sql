-- Which environment its keys name, and whether a second consent for an account joins the first
-- (null: as usual in that environment).
alter table applications add column environment {text} not null default 'production';
alter table applications add column merges bigint;

-- Where its pages may be ('origin') and where browsers may be sent ('redirect').
create table application_addresses (
    application {text} not null references applications (id),
    kind {text} not null,
    address {text} not null,
    primary key (application, kind, address)
);

-- A key that was replaced is good until then.
alter table keys add column expires_at bigint;
-- The text of a publishable key, which links show.
alter table keys add column sealed {blob};

-- What seals everything else, sealed by the master key.
create table data_keys (
    number bigint primary key,
    sealed {blob} not null,
    created_at bigint not null
);

-- When the account's owner gave them; sessions and rotated tokens come later.
alter table credentials add column given_at bigint;

create table templates (
    id {text} primary key,
    application {text} not null references applications (id),
    name {text} not null,
    body {text} not null,
    logo {blob},
    logo_type {text},
    created_at bigint not null,
    updated_at bigint not null,
    archived_at bigint
);
create index templates_application on templates (application, id);
create unique index templates_name on templates (application, name) where archived_at is null;

create table short_links (
    id {text} primary key,
    application {text} not null references applications (id),
    code {text} not null,
    -- SHA-256 of what was asked for.
    request_hash {blob} not null,
    body {text} not null,
    created_at bigint not null,
    expires_at bigint not null,
    deleted_at bigint
);
create unique index short_links_code on short_links (code) where deleted_at is null;
create unique index short_links_request on short_links (application, request_hash)
    where deleted_at is null;

-- What owners agreed to, by SHA-256 of the text.
create table agreement_texts (
    hash {blob} primary key,
    body {text} not null,
    created_at bigint not null
);

-- A finished consent each.
create table consents (
    id {text} primary key,
    application {text} not null references applications (id),
    connection {text} not null references connections (id),
    -- SHA-256 of the ticket that it was given with: a form sent twice is one consent.
    ticket {blob} not null unique,
    outcome {text} not null,
    external_id {text},
    tags {text} not null,
    agreement {blob} not null,
    accepted_at bigint not null,
    ip_address {text},
    user_agent {text}
);
create index consents_connection on consents (connection, id);

create table public_tokens (
    hash {blob} primary key,
    application {text} not null references applications (id),
    connection {text} not null references connections (id),
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create index public_tokens_connection on public_tokens (connection);
create index public_tokens_expires on public_tokens (expires_at);

create table provider_requests (
    id {text} primary key,
    application {text} not null references applications (id),
    name {text} not null,
    contact {text},
    requested_at bigint not null
);
create index provider_requests_application on provider_requests (application, id);

-- When the data of a connection that waits for its deletion goes, and when it was gone.
alter table connections add column delete_at bigint;
alter table connections add column deleted_at bigint;
create index connections_leaving on connections (delete_at)
    where status in ('pending_deletion', 'deleting');
create index connections_source on connections (application, provider, source_id)
    where source_id is not null;

create table applications (
    id {text} primary key,
    name {text} not null,
    created_at bigint not null
);

create table keys (
    id {text} primary key,
    application {text} not null references applications (id),
    kind {text} not null,
    hint {text} not null,
    hash {blob} not null unique,
    created_at bigint not null,
    revoked_at bigint
);
create index keys_application on keys (application, id);

-- The row is also the lock under which a connection's data changes.
create table connections (
    id {text} primary key,
    application {text} not null references applications (id),
    provider {text} not null,
    status {text} not null,
    source_id {text},
    company {text} not null,
    account {text} not null,
    external_id {text},
    tags {text} not null,
    sync_mode {text} not null,
    options {text} not null,
    filters {text} not null,
    token_hash {blob} not null unique,
    token_sealed {blob} not null,
    base_url {text},
    cadence_ms bigint,
    history_from bigint,
    next_sync_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    -- Raised by each claim, and whenever the connection is no longer to be synced.
    fence bigint not null,
    -- The last commit's stamp.
    commit_stamp bigint not null,
    -- The number that the next raw page gets.
    next_page bigint not null
);
create index connections_application on connections (application, id);
create index connections_due on connections (next_sync_at)
    where status = 'connected' and sync_mode = 'automatic' and next_sync_at is not null;

-- Tags and DOT numbers, to find connections by.
create table connection_labels (
    connection {text} not null references connections (id),
    kind {text} not null,
    label {text} not null,
    primary key (connection, kind, label)
);

create table credentials (
    connection {text} primary key references connections (id),
    sealed {blob} not null,
    version bigint not null,
    updated_at bigint not null
);

create table syncs (
    connection {text} not null references connections (id),
    id {text} not null,
    status {text} not null,
    started_by {text} not null,
    requested_at bigint not null,
    start_from bigint,
    explicit_start bigint not null,
    provider_requests {text} not null,
    attempts bigint not null,
    barren_attempts bigint not null,
    progress double precision not null,
    failure_reason {text},
    issues {text} not null,
    started_at bigint,
    completed_at bigint,
    not_before bigint,
    cancel_requested bigint not null,
    lease_owner {text},
    lease_until bigint,
    fence bigint,
    -- The next claim counts as an attempt.
    spends_attempt bigint not null,
    -- The attempt under way has committed something.
    checkpointed bigint not null,
    primary key (connection, id)
);
create unique index syncs_one_running on syncs (connection)
    where status in ('requested', 'in_progress');
create index syncs_waiting on syncs (requested_at, id)
    where status in ('requested', 'in_progress');

create table issues (
    connection {text} not null references connections (id),
    id {text} not null,
    code {text} not null,
    stream {text} not null,
    status {text} not null,
    message {text} not null,
    first_reported_at bigint not null,
    last_reported_at bigint not null,
    primary key (connection, id),
    unique (connection, code, stream)
);
create index issues_id on issues (id);

create table coverage (
    connection {text} not null,
    stream {text} not null,
    shard bigint not null,
    body {blob} not null,
    primary key (connection, stream, shard)
);

create table positions (
    connection {text} not null,
    stream {text} not null,
    slot {text} not null,
    body {blob} not null,
    primary key (connection, stream, slot)
);

create table listing_doubts (
    connection {text} not null,
    stream {text} not null,
    doubted_at bigint not null,
    primary key (connection, stream)
);

create table pages (
    connection {text} not null,
    number bigint not null,
    stream {text} not null,
    request {text} not null,
    task {text} not null,
    received_at bigint not null,
    status bigint not null,
    -- XXH3-128 of the decompressed body.
    hash {blob} not null,
    plain_bytes bigint not null,
    encoding {text} not null,
    -- Null when the page changed nothing.
    body {blob},
    primary key (connection, number)
);

create table records (
    connection {text} not null,
    model {text} not null,
    id {text} not null,
    natural_key {text} not null,
    stream {text} not null,
    vehicle {text},
    driver {text},
    status {text},
    started_at bigint,
    ended_at bigint,
    added_at bigint not null,
    modified_at bigint not null,
    deleted_at bigint,
    withdrawn_at bigint,
    -- XXH3-128 of everything that a client can see of it.
    content_hash {blob} not null,
    page bigint not null,
    raw {text} not null,
    body {text} not null,
    primary key (connection, model, id)
);
create index records_modified on records (connection, model, modified_at, id);
create index records_started on records (connection, model, started_at, id)
    where started_at is not null;
create index records_vehicle on records (connection, model, vehicle, started_at)
    where vehicle is not null and started_at is not null;
create index records_driver on records (connection, model, driver, started_at)
    where driver is not null and started_at is not null;

create table blocks (
    connection {text} not null,
    vehicle {text} not null,
    series {text} not null,
    day bigint not null,
    part bigint not null,
    rank bigint not null,
    count bigint not null,
    first_ms bigint not null,
    last_ms bigint not null,
    stamp bigint not null,
    body {blob} not null,
    primary key (connection, vehicle, series, day, part)
);

create table history_tail (
    connection {text} not null,
    seq bigint not null,
    stamp bigint not null,
    points bigint not null,
    body {blob} not null,
    primary key (connection, seq)
);

-- The fleet's IANA zone, and who says so: 'operator', 'account' or 'drivers'.
alter table connections add column time_zone {text};
alter table connections add column time_zone_source {text};

-- The first page of the window read or listing that the page belongs to.
alter table pages add column page_group bigint;
create index pages_with_body on pages (connection, received_at) where body is not null;

-- Withdrawn because the mapping no longer gives it.
alter table records add column unmapped bigint not null default 0;
create index records_page on records (connection, page);

-- A list of a few vehicles or drivers is a merge of one list each, so each must lie in its order.
drop index records_vehicle;
drop index records_driver;
create index records_vehicle on records (connection, model, vehicle, started_at, id)
    where vehicle is not null and started_at is not null;
create index records_driver on records (connection, model, driver, started_at, id)
    where driver is not null and started_at is not null;
create index records_vehicle_modified on records (connection, model, vehicle, modified_at, id)
    where vehicle is not null;
create index records_driver_modified on records (connection, model, driver, modified_at, id)
    where driver is not null;

-- Rows that records point to, of pages whose bodies are no longer kept; zstd.
create table raw_rows (
    connection {text} not null,
    page bigint not null,
    start bigint not null,
    length bigint not null,
    stream {text} not null,
    received_at bigint not null,
    data {blob} not null,
    primary key (connection, page, start, length)
);

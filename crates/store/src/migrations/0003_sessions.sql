-- Signing in is done by one at a time: whoever holds the row until then. When something has to be
-- renewed although nobody asks for it stands beside it, because what is sealed cannot be searched.
alter table credentials add column held_by {text};
alter table credentials add column held_until bigint;
alter table credentials add column renew_at bigint;
create index credentials_renew on credentials (renew_at) where renew_at is not null;

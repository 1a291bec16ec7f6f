-- Passkeys of people. The private half never leaves their devices.

create table passkey (
    passkey_id    uuid primary key,
    person_id     uuid not null references person on delete cascade,
    name          text not null,
    credential_id bytea not null unique check (octet_length(credential_id) between 1 and 1023),
    public_key    bytea not null, -- COSE.
    sign_count    bigint not null, -- As the authenticator told it last; 0: it counts not.
    transports    text[] not null,
    added_at      timestamptz not null,
    used_at       timestamptz
);
create index passkey_person on passkey (person_id, added_at);

-- No tenant's, as its person is none's: each is that person's alone.
alter table passkey enable row level security;
alter table passkey force row level security;
create policy person on passkey to mch_app
    using (person_id = nullif(current_setting('mch.person_id', true), '')::uuid)
    with check (person_id = nullif(current_setting('mch.person_id', true), '')::uuid);
-- Before it is known who signs in.
create policy holder on passkey for select to mch_app
    using (credential_id = decode(nullif(current_setting('mch.credential_id', true), ''), 'hex'));
grant select, insert, update, delete on passkey to mch_app;

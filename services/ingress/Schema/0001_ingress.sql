-- The root of identity: everything else in the suite names an org that is here.
create table org (
  id         text        not null constraint org_id primary key,
  name       text        not null,
  created_at timestamptz not null
);

-- The token itself is stored nowhere: its sha-256 is the key that a request finds it by.
create table service_token (
  hash       bytea       not null constraint service_token_hash primary key constraint service_token_hash_is_sha256 check (length(hash) = 32),
  id         uuid        not null,
  org_id     text        not null constraint service_token_of_org references org (id),
  name       text        not null constraint service_token_name_has_1_to_128_characters check (char_length(name) between 1 and 128),
  created_at timestamptz not null,
  revoked_at timestamptz,
  constraint service_token_id unique (org_id, id)
);

-- A transaction sees the orgs that it names. Before a token is found no org is known: that one lookup is made by the role that may only read.
alter table org enable row level security;
alter table org force row level security;
create policy named_orgs on org using (id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on org for select to reactor_ingress_sweep using (true);

alter table service_token enable row level security;
alter table service_token force row level security;
create policy named_orgs on service_token using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on service_token for select to reactor_ingress_sweep using (true);

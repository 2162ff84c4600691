-- The addresses of webhooks. A token is stored nowhere: its sha-256 is what a request finds it by. The secrets of the senders are one JSON array,
-- sealed as those of the table "secret" are; none where the installation's own serves.
create table hook (
  org_id     text        not null constraint hook_of_org references org (id),
  trigger_id text        not null,
  job        text        not null,
  token_hash bytea       constraint hook_token_hash unique constraint hook_token_hash_is_sha256 check (length(token_hash) = 32),
  path       text,
  methods    text[]      not null,
  verify     text,
  key_id     text,
  nonce      bytea,
  ciphertext bytea,
  expires_at timestamptz,
  created_at timestamptz not null,
  constraint hook_of_trigger primary key (org_id, trigger_id),
  constraint hook_path unique (org_id, path),
  constraint hook_has_a_token_or_a_path check ((token_hash is null) <> (path is null)),
  constraint hook_of_a_path_is_verified check (path is null or verify is not null),
  constraint hook_secrets_are_sealed check ((key_id is null) = (nonce is null) and (key_id is null) = (ciphertext is null))
);
create index hook_key on hook (key_id, org_id, trigger_id) where key_id is not null;

-- What came to an address, and what was made of it. The body is kept of what may be delivered again.
create table hook_delivery (
  org_id        text        not null,
  id            uuid        not null,
  trigger_id    text        not null,
  received_at   timestamptz not null,
  verdict       text        not null,
  reason        text,
  status        smallint    not null,
  run_id        uuid,
  delivery_id   text,
  redelivery_of uuid,
  method        text        not null,
  size          integer     not null,
  content_type  text,
  detail        text,
  body          bytea,
  constraint hook_delivery_id primary key (org_id, trigger_id, id),
  constraint hook_delivery_of_hook foreign key (org_id, trigger_id) references hook (org_id, trigger_id) on delete cascade
);

alter table hook enable row level security;
alter table hook force row level security;
create policy named_orgs on hook using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on hook for select to reactor_ingress_sweep using (true);

alter table hook_delivery enable row level security;
alter table hook_delivery force row level security;
create policy named_orgs on hook_delivery using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on hook_delivery for select to reactor_ingress_sweep using (true);

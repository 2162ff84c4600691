-- The value is AES-256-GCM under the key of key_id, with org and path as associated data: a row that is copied to another org or name does not open.
create table secret (
  org_id     text        not null constraint secret_of_org references org (id),
  path       text        not null constraint secret_path_is_a_path check (path ~ '^[a-z0-9][a-z0-9_./-]{0,127}$'),
  key_id     text        not null,
  nonce      bytea       not null constraint secret_nonce_has_12_bytes check (length(nonce) = 12),
  ciphertext bytea       not null constraint secret_has_a_tag_and_at_most_64_kib check (length(ciphertext) between 17 and 65552),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint secret_path primary key (org_id, path)
);

-- What is still under an old key is found by the key's id, over all orgs.
create index secret_key on secret (key_id, org_id, path);

alter table secret enable row level security;
alter table secret force row level security;
create policy named_orgs on secret using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on secret for select to reactor_ingress_sweep using (true);

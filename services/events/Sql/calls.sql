-- What applications call inside their own transactions: reactor_jobs.trigger and reactor_jobs.emit. Run after reactor_jobs.sql, and again where an older
-- text of it was run. Each transaction makes the expressions of a function ready anew, which is most of what a call costs; so a call that needs
-- nothing special is one statement, made of functions that PostgreSQL puts into it, and any other goes to functions of its own.

-- A ULID: 48 bits of milliseconds in 10 digits of 5 bits, and 80 random ones in 16. Of a random uuid's base64 two digits hold fixed bits.
create or replace function reactor_jobs.new_id(prefix text) returns text language plpgsql volatile as $$
declare
  digits constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  random text := translate(encode(uuid_send(gen_random_uuid()), 'base64'), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', digits || digits);
begin
  return prefix || substr(digits, (ms >> 45 & 31)::int + 1, 1) || substr(digits, (ms >> 40 & 31)::int + 1, 1) || substr(digits, (ms >> 35 & 31)::int + 1, 1)
    || substr(digits, (ms >> 30 & 31)::int + 1, 1) || substr(digits, (ms >> 25 & 31)::int + 1, 1) || substr(digits, (ms >> 20 & 31)::int + 1, 1)
    || substr(digits, (ms >> 15 & 31)::int + 1, 1) || substr(digits, (ms >> 10 & 31)::int + 1, 1) || substr(digits, (ms >> 5 & 31)::int + 1, 1)
    || substr(digits, (ms & 31)::int + 1, 1) || substr(random, 1, 8) || substr(random, 12, 8);
end $$;

create or replace function reactor_jobs.is_id(prefix text, id text) returns boolean language sql immutable return
  left(id, length(prefix)) = prefix and substr(id, length(prefix) + 1) collate "C" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$' and id !~ '_0{26}$';

-- What is wrong with a job's name; null: nothing.
create or replace function reactor_jobs.job_fault(job text) returns text language sql immutable return case
  when job is null or length(job) > 128 or job collate "C" !~ '^[A-Za-z0-9][A-Za-z0-9._:/-]*$'
    then 'must begin with a letter or digit and hold at most 128 of A-Z a-z 0-9 . _ : / -'
  when job in ('jobs', 'runs', 'hooks', 'webhooks') then 'is reserved (jobs, runs, hooks, webhooks)' end;

create or replace function reactor_jobs.topic_fault(topic text) returns text language sql immutable return case
  when topic is null or length(topic) not between 1 and 256 then 'must have 1 to 256 characters'
  when topic collate "C" ~ '[\u0001-\u001f\u007f-\u009f]' then 'must not contain control characters' end;

-- Less text can be neither too long nor too deep.
create or replace function reactor_jobs.is_small(payload jsonb) returns boolean language sql immutable return octet_length(payload::text) < 128;

-- The one org that the caller acts for.
create or replace function reactor_jobs.org_of(caller name) returns text language plpgsql stable as $$
declare
  org text := (select min(org) from reactor_jobs.orgs_of(caller) org having min(org) = max(org));
begin
  if org is null then
    perform reactor_jobs.refuse_caller();
  end if;
  return org;
end $$;

-- Notes that a key starts this run, or gives the run that it has started before. Another transaction with this key is waited for, as with any unique key.
create or replace function reactor_jobs.run_of_key(id text, org text, job text, body text, idempotency_key text, made_at timestamptz) returns text language plpgsql volatile as $$
declare
  earlier record;
begin
  insert into reactor_jobs.idempotency as known (org_id, job, key, run_id, payload_hash, made_at)
  values (org, job, idempotency_key, id, sha256(convert_to(body, 'UTF8')), run_of_key.made_at)
  on conflict on constraint idempotency_one_run_per_key do update set
    run_id = case when known.made_at < excluded.made_at - interval '24 hours' then excluded.run_id else known.run_id end,
    payload_hash = case when known.made_at < excluded.made_at - interval '24 hours' then excluded.payload_hash else known.payload_hash end,
    made_at = case when known.made_at < excluded.made_at - interval '24 hours' then excluded.made_at else known.made_at end
  returning known.run_id, known.payload_hash into earlier;
  if earlier.run_id <> id and earlier.payload_hash <> sha256(convert_to(body, 'UTF8')) then
    perform reactor_jobs.refuse('options.idempotency_key', 'was used for another payload within the last 24 hours');
  end if;
  return earlier.run_id;
end $$;

create or replace function reactor_jobs.request_run(id text, job text, payload jsonb, options jsonb) returns text language plpgsql volatile as $$
declare
  caller name := reactor_jobs.caller();
  org text := reactor_jobs.org_of(caller);
  body text := coalesce(payload::text, 'null');
  made_at timestamptz := clock_timestamp();
  wanted record;
  known text;
begin
  if reactor_jobs.job_fault(job) is not null then
    perform reactor_jobs.refuse('job', reactor_jobs.job_fault(job));
  end if;
  perform reactor_jobs.check_payload(payload, body);
  select * into wanted from reactor_jobs.run_options(coalesce(options, '{}'), made_at);
  if wanted.idempotency_key is not null then
    known := reactor_jobs.run_of_key(id, org, job, body, wanted.idempotency_key, made_at);
  end if;
  if known is null or known = id then
    insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at, run_at, priority, timeout_ms, idempotency_key)
    values (org, 'run', id, job, body, caller, made_at, wanted.run_at, coalesce(wanted.priority, 0), wanted.timeout_ms, wanted.idempotency_key);
  end if;
  return coalesce(known, id);
end $$;

create or replace function reactor_jobs.request_event(id text, topic text, payload jsonb) returns text language plpgsql volatile as $$
declare
  caller name := reactor_jobs.caller();
  org text := reactor_jobs.org_of(caller);
  body text := coalesce(payload::text, 'null');
begin
  if reactor_jobs.topic_fault(topic) is not null then
    perform reactor_jobs.refuse('topic', reactor_jobs.topic_fault(topic));
  end if;
  perform reactor_jobs.check_payload(payload, body);
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at) values (org, 'event', id, topic, body, caller, clock_timestamp());
  return id;
end $$;

create or replace function reactor_jobs.trigger(job text, payload jsonb default '{}', options jsonb default '{}') returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller name := reactor_jobs.caller();
  run text;
begin
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select min(org), 'run', reactor_jobs.new_id('run_'), job, payload::text, caller, clock_timestamp() from reactor_jobs.orgs_of(caller) org
  where options = '{}' and reactor_jobs.is_small(payload) and reactor_jobs.job_fault(job) is null
  having min(org) = max(org)
  returning id into run;
  return coalesce(run, reactor_jobs.request_run(reactor_jobs.new_id('run_'), job, payload, options));
end $$;

create or replace function reactor_jobs.emit(topic text, payload jsonb default '{}', event_id text default null) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller name := reactor_jobs.caller();
  event text;
begin
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select min(org), 'event', reactor_jobs.new_id('evt_'), topic, payload::text, caller, clock_timestamp() from reactor_jobs.orgs_of(caller) org
  where event_id is null and reactor_jobs.is_small(payload) and reactor_jobs.topic_fault(topic) is null
  having min(org) = max(org)
  returning id into event;
  if event is not null then
    return event;
  end if;
  if event_id is not null and not reactor_jobs.is_id('evt_', event_id) then
    perform reactor_jobs.refuse('event_id', 'must be evt_ and a ULID, such as evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D');
  end if;
  return reactor_jobs.request_event(coalesce(event_id, reactor_jobs.new_id('evt_')), topic, payload);
end $$;

-- The same as rows to insert, for who makes the ids beforehand.
create or replace view reactor_jobs.call as
select null::text as id, null::text as kind, null::text as name, null::jsonb as payload, null::jsonb as options where false;

create or replace function reactor_jobs.take_call() returns trigger language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  prefix text := case new.kind when 'run' then 'run_' else 'evt_' end;
begin
  if new.kind is null or new.kind not in ('run', 'event') then
    perform reactor_jobs.refuse('kind', 'must be run or event');
  end if;
  if new.id is not null and not reactor_jobs.is_id(prefix, new.id) then
    perform reactor_jobs.refuse('id', format('must be %s and a ULID', prefix));
  end if;
  new.id := coalesce(new.id, reactor_jobs.new_id(prefix));
  new.id := case new.kind
    when 'run' then reactor_jobs.request_run(new.id, new.name, new.payload, new.options)
    else reactor_jobs.request_event(new.id, new.name, new.payload) end;
  return new;
end $$;
create or replace trigger take_call instead of insert on reactor_jobs.call for each row execute function reactor_jobs.take_call();

-- For the owner. "alone" refuses where the role acts for another org already: an org's own administrators may not get in between.
create or replace function reactor_jobs.grant_org(role regrole, org text, alone boolean default false) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  lock table reactor_jobs.org_grant in share row exclusive mode;
  delete from reactor_jobs.org_grant g where not exists (select from pg_roles r where r.oid = g.role);
  if alone and exists (select from reactor_jobs.org_grant g where g.role = grant_org.role and g.org_id <> org) then
    raise exception 'role % acts for another org already', role using errcode = 'object_in_use',
      hint = format('The owner of the database can let it act for both: select reactor_jobs.grant_org(%L, %L)', role, org);
  end if;
  insert into reactor_jobs.org_grant (role, org_id, granted_at) values (role, org, clock_timestamp()) on conflict on constraint org_granted_once do nothing;
end $$;

create or replace function reactor_jobs.revoke_org(role regrole, org text) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from reactor_jobs.org_grant g where g.role = revoke_org.role and g.org_id = org;
  return found;
end $$;

revoke execute on all functions in schema reactor_jobs from public;
grant usage on schema reactor_jobs to public;
grant execute on function reactor_jobs.trigger(text, jsonb, jsonb), reactor_jobs.emit(text, jsonb, text) to public;
grant insert on reactor_jobs.call to public;

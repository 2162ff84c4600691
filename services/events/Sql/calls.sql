-- What applications call inside their own transactions: reactor_jobs.trigger and reactor_jobs.emit. Run after reactor_jobs.sql, and again where an older
-- text of it was run. Each transaction makes the expressions of a function ready anew, which is most of what a call costs; so a call that needs
-- nothing special is one statement, made of functions that PostgreSQL puts into it, and any other goes to functions of its own.

-- Any uuid of now: the fixed bits of random ones are left out.
create or replace function reactor_jobs.new_id() returns uuid language sql volatile return
  (substr(encode(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 'hex'), 5)
   || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12) || substr(gen_random_uuid()::text, 29))::uuid;

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

create or replace function reactor_jobs.request_run(id uuid, job text, payload jsonb, options jsonb) returns text language plpgsql volatile as $$
declare
  body text := coalesce(payload::text, 'null');
  made_at timestamptz := clock_timestamp();
  wanted record;
  earlier uuid;
  rows int;
begin
  if reactor_jobs.job_fault(job) is not null then
    perform reactor_jobs.refuse('job', reactor_jobs.job_fault(job));
  end if;
  perform reactor_jobs.check_payload(payload, body);
  id := coalesce(id, reactor_jobs.new_id());
  if options = '{}' or options is null then
    insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
    select org, 'run', id, job, body, reactor_jobs.caller(), made_at from reactor_jobs.orgs_of(reactor_jobs.caller()) org;
  else
    select * into wanted from reactor_jobs.run_options(options, made_at);
    if wanted.idempotency_key is not null and (select count(*) from reactor_jobs.orgs_of(reactor_jobs.caller())) = 1 then
      earlier := reactor_jobs.run_of_key(id, job, body, wanted.idempotency_key, made_at);
      if earlier <> id then
        return reactor_jobs.id_text('run_', earlier);
      end if;
    end if;
    insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at, run_at, priority, timeout_ms, idempotency_key)
    select org, 'run', id, job, body, reactor_jobs.caller(), made_at, wanted.run_at, coalesce(wanted.priority, 0), wanted.timeout_ms, wanted.idempotency_key
    from reactor_jobs.orgs_of(reactor_jobs.caller()) org;
  end if;
  get diagnostics rows = row_count;
  if rows <> 1 then
    perform reactor_jobs.refuse_caller();
  end if;
  return reactor_jobs.id_text('run_', id);
end $$;

create or replace function reactor_jobs.request_event(id uuid, topic text, payload jsonb) returns text language plpgsql volatile as $$
declare
  body text := coalesce(payload::text, 'null');
  rows int;
begin
  if reactor_jobs.topic_fault(topic) is not null then
    perform reactor_jobs.refuse('topic', reactor_jobs.topic_fault(topic));
  end if;
  perform reactor_jobs.check_payload(payload, body);
  id := coalesce(id, reactor_jobs.new_id());
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select org, 'event', id, topic, body, reactor_jobs.caller(), clock_timestamp() from reactor_jobs.orgs_of(reactor_jobs.caller()) org;
  get diagnostics rows = row_count;
  if rows <> 1 then
    perform reactor_jobs.refuse_caller();
  end if;
  return reactor_jobs.id_text('evt_', id);
end $$;

create or replace function reactor_jobs.trigger(job text, payload jsonb default '{}', options jsonb default '{}') returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  run text;
begin
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select min(org), 'run', reactor_jobs.new_id(), job, payload::text, reactor_jobs.caller(), clock_timestamp()
  from reactor_jobs.orgs_of(reactor_jobs.caller()) org
  where options = '{}' and reactor_jobs.is_small(payload) and reactor_jobs.job_fault(job) is null
  having count(*) = 1
  returning reactor_jobs.id_text('run_', id) into run;
  return coalesce(run, reactor_jobs.request_run(null, job, payload, options));
end $$;

create or replace function reactor_jobs.emit(topic text, payload jsonb default '{}', event_id text default null) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  event text;
  id uuid;
begin
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select min(org), 'event', reactor_jobs.new_id(), topic, payload::text, reactor_jobs.caller(), clock_timestamp()
  from reactor_jobs.orgs_of(reactor_jobs.caller()) org
  where event_id is null and reactor_jobs.is_small(payload) and reactor_jobs.topic_fault(topic) is null
  having count(*) = 1
  returning reactor_jobs.id_text('evt_', request.id) into event;
  if event is not null then
    return event;
  end if;
  id := reactor_jobs.id_of('evt_', event_id);
  if event_id is not null and id is null then
    perform reactor_jobs.refuse('event_id', 'must be evt_ and a ULID, such as evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D');
  end if;
  return reactor_jobs.request_event(id, topic, payload);
end $$;

-- The same as rows to insert, for who makes the ids beforehand.
create or replace view reactor_jobs.call as
select null::text as id, null::text as kind, null::text as name, null::jsonb as payload, null::jsonb as options where false;

create or replace function reactor_jobs.take_call() returns trigger language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  id uuid := reactor_jobs.id_of(case new.kind when 'run' then 'run_' else 'evt_' end, new.id);
begin
  if new.kind is null or new.kind not in ('run', 'event') then
    perform reactor_jobs.refuse('kind', 'must be run or event');
  end if;
  if new.id is not null and id is null then
    perform reactor_jobs.refuse('id', format('must be %s and a ULID', case new.kind when 'run' then 'run_' else 'evt_' end));
  end if;
  new.id := case new.kind
    when 'run' then reactor_jobs.request_run(id, new.name, new.payload, coalesce(new.options, '{}'))
    else reactor_jobs.request_event(id, new.name, new.payload) end;
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

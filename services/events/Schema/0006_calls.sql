-- An older installation becomes what reactor_jobs.sql and calls.sql are by now; the latter comes before this.
do $$ begin
  if to_regprocedure('reactor_jobs.id_text(text, uuid)') is not null then
    alter table reactor_jobs.request alter id type text using reactor_jobs.id_text(case kind when 'run' then 'run_' else 'evt_' end, id);
    alter table reactor_jobs.idempotency alter run_id type text using reactor_jobs.id_text('run_', run_id);
    drop function reactor_jobs.run_of_key(uuid, text, text, text, timestamptz);
    drop function reactor_jobs.request_run(uuid, text, jsonb, jsonb);
    drop function reactor_jobs.request_event(uuid, text, jsonb);
    drop function reactor_jobs.new_id();
    drop function reactor_jobs.id_of(text, text);
    drop function reactor_jobs.id_text(text, uuid);
  end if;
end $$;

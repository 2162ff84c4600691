-- A run's place in line (queued_at) has its priority in it, so that the next ones of a job are found by place alone.
create index run_in_line on run (org_id, job, queued_at, id) where status = 'pending' and due;

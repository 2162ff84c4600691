-- A group compares the leases that it wrote last instead of reading them; where they are others by now, its transaction ends with this.
create function stale_read(code text) returns void language plpgsql as $$
begin
  raise exception 'the rows are not as they were assumed to be' using errcode = code;
end $$;

-- Urgent runs have their place in line (run_in_line), so that none is looked for by its priority any more.
drop index run_waiting;

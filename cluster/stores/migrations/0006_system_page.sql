-- What the system page tells: positions hold nothing of any tenant, and of a dead letter it shows
-- what stopped, not what it says.

grant select on event_position to mch_app;
grant select (id, consumer, event_type, error, count, state, at) on dead_letter to mch_app;

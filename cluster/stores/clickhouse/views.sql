-- What readers see, named by what is counted: always of the live generation.

create or replace view {live}.events as select * from {generation}.events final;

create or replace view {live}.opportunities as
select notice_id, newest.type as type, newest.agency as agency, newest.naics as naics,
       newest.psc as psc, newest.set_aside as set_aside, newest.state as state,
       newest.posted_on as posted_on, newest.deadline_at as deadline_at,
       newest.is_medical as is_medical, is_closed, first_at
from (
    select notice_id, argMaxMerge(told) as newest, argMaxMerge(closed) as is_closed,
           minMerge(states.first_at) as first_at
    from {generation}.opportunity_states as states group by notice_id
);

create or replace view {live}.opportunities_by_type as
select type, count() as known, countIf(not is_closed) as open
from {live}.opportunities group by type;

create or replace view {live}.opportunities_by_agency as
select agency, count() as known, countIf(not is_closed) as open
from {live}.opportunities group by agency;

create or replace view {live}.opportunities_by_naics as
select naics, count() as known, countIf(not is_closed) as open
from {live}.opportunities group by naics;

create or replace view {live}.opportunities_by_psc as
select psc, count() as known, countIf(not is_closed) as open
from {live}.opportunities group by psc;

create or replace view {live}.opportunities_by_set_aside as
select set_aside, count() as known, countIf(not is_closed) as open
from {live}.opportunities group by set_aside;

create or replace view {live}.opportunities_by_state as
select state, count() as known, countIf(not is_closed) as open
from {live}.opportunities group by state;

create or replace view {live}.opportunities_by_day_posted as
select posted_on, count() as posted, countIf(is_medical) as medical
from {live}.opportunities group by posted_on;

create or replace view {live}.medical_share as
select countIf(is_medical) as medical, count() as known,
       if(known = 0, null, medical / known) as share
from {live}.opportunities;

create or replace view {live}.matches as
select tenant_id, notice_id, argMaxMerge(states.score) as score,
       minMerge(states.first_at) as first_at
from {generation}.match_states as states group by tenant_id, notice_id;

-- Sets, to be merged over any span of days.
create or replace view {live}.usage_states as select * from {generation}.usage_states;

create or replace view {live}.subjects_used_by_day as
select tenant_id, day, event_type, uniqExactMerge(states.subjects) as subjects
from {generation}.usage_states as states group by tenant_id, day, event_type;

create or replace view {live}.events_by_day as
select day, topic, event_type, uniqExactMerge(states.events) as events
from {generation}.event_states as states group by day, topic, event_type;

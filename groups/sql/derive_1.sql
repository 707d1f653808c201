-- What members may do in channels, and how they appear there, derived from roles and overrides: one row for each of the asked-for
-- members and channels that they may see. `chat_membership` holds exactly these rows; groups/access.py makes it so, dbcheck
-- compares. The same in words, for people: docs/permissions.md.
--
-- Order: @everyone and roles together; who owns the group or administers it may everything; then the overrides of the place
-- that decides (the channel, or its category while it follows it): @everyone's, then the roles' (denied, then allowed), then the
-- member's own. Without VIEW there is no row; without SEND nothing that needs it.
create function groups_derive(p_group uuid, p_users uuid[], p_channels uuid[])
returns table (user_id uuid, conversation_id uuid, permissions bigint, timed_out_until timestamptz, muted_until timestamptz,
               nickname varchar, hue smallint)
language sql stable as $$
  with people as materialized (
    select m.id, m.user_id, m.timed_out_until, m.muted_until, m.nickname,
           g.owner_id = m.user_id or bit_or(r.permissions) & (1::bigint << 24) <> 0 as is_above, bit_or(r.permissions) as base,
           array_agg(r.id) filter (where not r.is_everyone) as roles,
           (array_agg(r.hue order by r.position desc, r.id) filter (where r.hue is not null and not r.is_everyone))[1] as hue
      from groups_group g
      join groups_member m on m.group_id = g.id and m.user_id = any(p_users)
      join groups_role r on r.group_id = g.id
       and (r.is_everyone or exists (select from groups_memberrole h where h.member_id = m.id and h.role_id = r.id))
     where g.id = p_group and g.deletion_due_at is null
     group by m.id, g.owner_id),
  places as materialized (
    select c.id, c.conversation_id, case when c.is_synced then c.category_id end as category,
           case when c.is_synced and c.category_id is not null then null else c.id end as channel
      from groups_channel c where c.group_id = p_group and c.id = any(p_channels) and c.deleted_at is null),
  wishes as materialized (
    select p.id as place, r.is_everyone, o.role_id, o.member_id, o.allow, o.deny
      from places p join groups_override o on o.channel_id = p.channel or o.category_id = p.category
      left join groups_role r on r.id = o.role_id),
  judged as (
    select m.user_id, p.conversation_id, m.timed_out_until, m.muted_until, m.nickname, m.hue, m.is_above,
           ((((((m.base & ~w.everyone_deny) | w.everyone_allow) & ~w.roles_deny) | w.roles_allow) & ~w.own_deny) | w.own_allow) as bits
      from people m cross join places p
      cross join lateral (
        select coalesce(bit_or(x.allow) filter (where x.is_everyone), 0) as everyone_allow,
               coalesce(bit_or(x.deny) filter (where x.is_everyone), 0) as everyone_deny,
               coalesce(bit_or(x.allow) filter (where x.role_id = any(m.roles)), 0) as roles_allow,
               coalesce(bit_or(x.deny) filter (where x.role_id = any(m.roles)), 0) as roles_deny,
               coalesce(bit_or(x.allow) filter (where x.member_id = m.id), 0) as own_allow,
               coalesce(bit_or(x.deny) filter (where x.member_id = m.id), 0) as own_deny
          from wishes x where x.place = p.id) w)
  select j.user_id, j.conversation_id,
         case when j.is_above then 33552447::bigint
              when j.bits & 1 = 0 then j.bits & ~(4 | 16 | 8192)::bigint
              else j.bits end,
         case when j.is_above then null else j.timed_out_until end,
         j.muted_until, j.nickname, j.hue::smallint
    from judged j where j.is_above or j.bits & (1::bigint << 11) <> 0
$$;

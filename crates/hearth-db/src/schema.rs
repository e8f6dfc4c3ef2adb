//! The columns of every table, as diesel sees them. Kept equal to `migrations/` by a test in `tests/`; one file because
//! diesel wants all tables that are ever joined in one list.

diesel::table! {
    server (id) {
        id -> Integer,
        name -> Text,
        summary -> Text,
        contact -> Text,
        origin -> Text,
        sign_up -> Text,
        exit_url -> Text,
        zone -> Text,
        set_up_at -> Timestamp,
        language -> Text,
        followed_by -> Text,
        authorized_fetch -> Bool,
    }
}

diesel::table! {
    setup_codes (code_hash) {
        code_hash -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    helplines (id) {
        id -> BigInt,
        position -> Integer,
        name -> Text,
        about -> Text,
        hours -> Text,
        kind -> Text,
        number -> Text,
        region -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        sign_in_name -> Text,
        password_hash -> Text,
        email -> Nullable<Text>,
        keeper -> Bool,
        state -> Text,
        hello -> Text,
        wanted_name -> Text,
        wanted_display_name -> Text,
        discreet_titles -> Bool,
        theme -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        account_id -> BigInt,
        token_hash -> Text,
        device -> Text,
        created_at -> Timestamp,
        used_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        account_id -> BigInt,
        token_hash -> Text,
        label -> Text,
        scope -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        code_hash -> Text,
        made_by -> BigInt,
        uses_left -> Integer,
        expires_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    actors (id) {
        id -> BigInt,
        kind -> Text,
        ap_id -> Text,
        host -> Text,
        local -> Bool,
        name -> Text,
        display_name -> Text,
        summary_source -> Text,
        summary_html -> Text,
        url -> Text,
        inbox -> Text,
        shared_inbox -> Nullable<Text>,
        outbox -> Nullable<Text>,
        followers -> Nullable<Text>,
        public_key_id -> Text,
        public_key_pem -> Text,
        private_key_pem -> Nullable<Text>,
        approves_followers -> Bool,
        discoverable -> Bool,
        on_network_since -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        fetched_at -> Nullable<Timestamp>,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    personas (actor_id) {
        actor_id -> BigInt,
        account_id -> BigInt,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    groups (actor_id) {
        actor_id -> BigInt,
        readable -> Text,
        joining -> Text,
        reach -> Text,
        posting -> Text,
        rhythm -> Text,
        guidelines -> Text,
    }
}

diesel::table! {
    memberships (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        role -> Text,
        state -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    membership_requests (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        kind -> Text,
        ap_id -> Text,
        body -> Text,
    }
}

diesel::table! {
    follows (id) {
        id -> BigInt,
        ap_id -> Text,
        follower_id -> BigInt,
        target_id -> BigInt,
        state -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        ap_id -> Text,
        local -> Bool,
        group_id -> BigInt,
        author_id -> Nullable<BigInt>,
        title -> Text,
        source -> Text,
        content_html -> Text,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        civil_start -> Text,
        civil_end -> Text,
        zone -> Text,
        place_kind -> Text,
        area -> Text,
        address -> Text,
        link -> Text,
        access -> Text,
        capacity -> Nullable<Integer>,
        join_mode -> Text,
        external_url -> Nullable<Text>,
        visibility -> Text,
        status -> Text,
        url -> Text,
        published_at -> Timestamp,
        edited_at -> Nullable<Timestamp>,
        deleted_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        companion_ap_id -> Nullable<Text>,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        ap_id -> Text,
        local -> Bool,
        group_id -> BigInt,
        author_id -> BigInt,
        root_id -> Nullable<BigInt>,
        parent_id -> Nullable<BigInt>,
        event_id -> Nullable<BigInt>,
        title -> Nullable<Text>,
        source -> Text,
        content_html -> Text,
        content_note -> Nullable<Text>,
        visibility -> Text,
        url -> Text,
        published_at -> Timestamp,
        edited_at -> Nullable<Timestamp>,
        deleted_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    rsvps (id) {
        id -> BigInt,
        event_id -> BigInt,
        actor_id -> BigInt,
        answer -> Text,
        note -> Text,
        join_ap_id -> Text,
        instructions -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        place_in_line -> Nullable<BigInt>,
        told -> Text,
    }
}

diesel::table! {
    hosts (host) {
        host -> Text,
        software -> Nullable<Text>,
        version -> Nullable<Text>,
        checked_at -> Nullable<Timestamp>,
        blocked -> Bool,
        partner -> Bool,
        failures -> Integer,
        next_try_at -> Nullable<Timestamp>,
        last_ok_at -> Nullable<Timestamp>,
        last_heard_at -> Nullable<Timestamp>,
        failing_since -> Nullable<Timestamp>,
        asleep_since -> Nullable<Timestamp>,
        signature_scheme -> Nullable<Text>,
        may_hold_private -> Bool,
    }
}

diesel::table! {
    activities (id) {
        id -> BigInt,
        ap_id -> Text,
        actor_id -> BigInt,
        kind -> Text,
        object_ap_id -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        activity_id -> BigInt,
        object_ap_id -> Text,
        host -> Text,
        inbox -> Text,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        lease_until -> Nullable<Timestamp>,
        last_result -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    incoming (id) {
        id -> BigInt,
        id_hash -> Text,
        signer_ap_id -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        lease_until -> Nullable<Timestamp>,
        last_result -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    seen_activities (id_hash) {
        id_hash -> Text,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    jobs (name) {
        name -> Text,
        leased_until -> Nullable<Timestamp>,
        last_started -> Nullable<Timestamp>,
        last_finished -> Nullable<Timestamp>,
        last_result -> Nullable<Text>,
        runs -> BigInt,
    }
}

diesel::table! {
    incidents (id) {
        id -> BigInt,
        kind -> Text,
        host -> Nullable<Text>,
        count -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    tries (id) {
        id -> BigInt,
        what -> Text,
        who_hash -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    host_minutes (what, host, minute) {
        what -> Text,
        host -> Text,
        minute -> BigInt,
        used -> BigInt,
    }
}

diesel::table! {
    delivery_hours (hour) {
        hour -> Timestamp,
        delivered -> BigInt,
        failed -> BigInt,
        waiting -> BigInt,
    }
}

diesel::table! {
    repairs (actor_id, url) {
        actor_id -> BigInt,
        url -> Text,
        kind -> Text,
        host -> Text,
        fallback -> Nullable<Text>,
        room -> Integer,
        level -> Integer,
        step -> Integer,
        attempts -> Integer,
        due_at -> Nullable<Timestamp>,
        asked_at -> Timestamp,
        last_result -> Nullable<Text>,
    }
}

diesel::table! {
    relays (actor_id) {
        actor_id -> BigInt,
        style -> Text,
        state -> Text,
        follow_ap_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    removals (post_id) {
        post_id -> BigInt,
        group_id -> BigInt,
        by_ap_id -> Text,
        ap_id -> Text,
        reason -> Text,
        title -> Nullable<Text>,
        source -> Text,
        content_html -> Text,
        content_note -> Nullable<Text>,
        removed_at -> Timestamp,
        kind -> Text,
    }
}

diesel::table! {
    locks (post_id) {
        post_id -> BigInt,
        by_ap_id -> Text,
        ap_id -> Text,
        locked_at -> Timestamp,
    }
}

diesel::table! {
    pins (post_id) {
        post_id -> BigInt,
        group_id -> BigInt,
        by_ap_id -> Text,
        pinned_at -> Timestamp,
    }
}

diesel::table! {
    bans (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        by_ap_id -> Text,
        ap_id -> Text,
        reason -> Text,
        banned_at -> Timestamp,
        ends_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    teams (group_id) {
        group_id -> BigInt,
        shown -> Bool,
        address -> Nullable<Text>,
        featured -> Nullable<Text>,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    moderators (group_id, ap_id) {
        group_id -> BigInt,
        ap_id -> Text,
    }
}

diesel::table! {
    reports (id) {
        id -> BigInt,
        group_id -> Nullable<BigInt>,
        about_id -> BigInt,
        reporter_id -> BigInt,
        reason -> Text,
        worried -> Bool,
        state -> Text,
        note -> Text,
        created_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>,
        kind -> Text,
        step -> Integer,
        step_at -> Nullable<Timestamp>,
        asked_id -> Nullable<BigInt>,
        taken_by -> Nullable<BigInt>,
        taken_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    reported_posts (report_id, post_id) {
        report_id -> BigInt,
        post_id -> BigInt,
    }
}

diesel::table! {
    reactions (post_id, actor_id) {
        post_id -> BigInt,
        actor_id -> BigInt,
        ap_id -> Text,
        heard_at -> Timestamp,
    }
}

diesel::table! {
    talk_rules (group_id) {
        group_id -> BigInt,
        notes -> Text,
        unnamed -> Bool,
        fades_after -> Nullable<Integer>,
    }
}

diesel::table! {
    note_choices (account_id, group_id, topic) {
        account_id -> BigInt,
        group_id -> BigInt,
        topic -> Text,
        choice -> Text,
    }
}

diesel::table! {
    seals (post_id) {
        post_id -> BigInt,
        author_id -> BigInt,
        bury_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    voices (post_id) {
        post_id -> BigInt,
        voice -> Integer,
    }
}

diesel::table! {
    mutes (account_id, actor_id) {
        account_id -> BigInt,
        actor_id -> BigInt,
        muted_at -> Timestamp,
    }
}

diesel::table! {
    thread_choices (account_id, root_id) {
        account_id -> BigInt,
        root_id -> BigInt,
        choice -> Text,
        chosen_at -> Timestamp,
    }
}

diesel::table! {
    blocks (by_id, whom_id) {
        by_id -> BigInt,
        whom_id -> BigInt,
        ap_id -> Text,
        blocked_at -> Timestamp,
    }
}

diesel::table! {
    post_versions (id) {
        id -> BigInt,
        post_id -> BigInt,
        title -> Nullable<Text>,
        source -> Text,
        content_note -> Nullable<Text>,
        replaced_at -> Timestamp,
        pictures -> Text,
    }
}

diesel::table! {
    quiet_words (id) {
        id -> BigInt,
        group_id -> BigInt,
        member_id -> Nullable<BigInt>,
        post_id -> Nullable<BigInt>,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    quiet_messages (id) {
        id -> BigInt,
        quiet_word_id -> BigInt,
        author_id -> Nullable<BigInt>,
        body -> Text,
        said_at -> Timestamp,
    }
}

diesel::table! {
    faded_posts (id) {
        id -> BigInt,
        author_id -> BigInt,
        group_name -> Text,
        title -> Nullable<Text>,
        source -> Text,
        content_html -> Text,
        content_note -> Nullable<Text>,
        published_at -> Timestamp,
    }
}

diesel::table! {
    fadings (post_id) {
        post_id -> BigInt,
        fades_at -> Timestamp,
    }
}

diesel::table! {
    cards (id) {
        id -> BigInt,
        group_id -> BigInt,
        author_id -> Nullable<BigInt>,
        title -> Text,
        source -> Text,
        content_html -> Text,
        content_note -> Nullable<Text>,
        searched -> Text,
        month -> Integer,
    }
}

diesel::table! {
    card_owners (card_id) {
        card_id -> BigInt,
        owner_id -> BigInt,
        never_named -> Bool,
        remove_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    topics (id) {
        id -> BigInt,
        group_id -> BigInt,
        name -> Text,
        place -> Integer,
        listed -> Bool,
    }
}

diesel::table! {
    card_marks (card_id, topic_id) {
        card_id -> BigInt,
        topic_id -> BigInt,
    }
}

diesel::table! {
    post_marks (belongs_to, topic_id) {
        belongs_to -> BigInt,
        topic_id -> BigInt,
    }
}

diesel::table! {
    card_requests (post_id) {
        post_id -> BigInt,
        answered -> Bool,
    }
}

diesel::table! {
    event_terms (event_id) {
        event_id -> BigInt,
        named -> Bool,
        address_public -> Bool,
        waiting_list -> Bool,
        only_here -> Bool,
        link_lead -> Nullable<Integer>,
        previous_start -> Nullable<Timestamp>,
        announce_ap_id -> Nullable<Text>,
    }
}

diesel::table! {
    invites (id) {
        id -> BigInt,
        ap_id -> Text,
        inviter_id -> BigInt,
        invitee_id -> BigInt,
        object_ap_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    followed_servers (actor_id) {
        actor_id -> BigInt,
        meetups -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    network_meetups (ap_id) {
        ap_id -> Text,
        server_id -> BigInt,
        state -> Text,
        title -> Text,
        place -> Text,
        url -> Text,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        signer_ap_id -> Text,
        activity_ap_id -> Text,
        activity -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    proof_keys (actor_id) {
        actor_id -> BigInt,
        key_id -> Text,
        public_multibase -> Text,
        private_pem -> Nullable<Text>,
    }
}

diesel::table! {
    aliases (actor_id, alias) {
        actor_id -> BigInt,
        alias -> Text,
    }
}

diesel::table! {
    moves (actor_id) {
        actor_id -> BigInt,
        target -> Text,
        moved_at -> Timestamp,
    }
}

diesel::table! {
    replaced_keys (activity_id) {
        activity_id -> BigInt,
        private_pem -> Text,
    }
}

diesel::table! {
    group_care (group_id) {
        group_id -> BigInt,
        first_posts -> Integer,
        answer_hours -> Integer,
        held_words -> Text,
        archived_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    held_posts (id) {
        id -> BigInt,
        group_id -> BigInt,
        author_id -> BigInt,
        unnamed -> Bool,
        root_id -> Nullable<BigInt>,
        parent_id -> Nullable<BigInt>,
        event_id -> Nullable<BigInt>,
        title -> Nullable<Text>,
        source -> Text,
        content_html -> Text,
        content_note -> Nullable<Text>,
        visibility -> Text,
        cause -> Text,
        state -> Text,
        edits -> Bool,
        answer -> Text,
        ap_id -> Nullable<Text>,
        activity -> Nullable<Text>,
        created_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    scheduled_posts (id) {
        id -> BigInt,
        group_id -> BigInt,
        author_id -> BigInt,
        unnamed -> Bool,
        title -> Text,
        source -> Text,
        content_note -> Nullable<Text>,
        visibility -> Text,
        civil_time -> Text,
        zone -> Text,
        publish_at -> Timestamp,
        returned -> Nullable<Text>,
        returned_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    check_ins (id) {
        id -> BigInt,
        group_id -> BigInt,
        author_id -> Nullable<BigInt>,
        title -> Text,
        source -> Text,
        content_note -> Nullable<Text>,
        visibility -> Text,
        rule -> Text,
        civil_time -> Text,
        zone -> Text,
        next_at -> Timestamp,
        rest -> Nullable<Text>,
        rests_since -> Nullable<Timestamp>,
        post_id -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    event_series (id) {
        id -> BigInt,
        group_id -> BigInt,
        author_id -> Nullable<BigInt>,
        rule -> Text,
        first_start -> Text,
        minutes -> Integer,
        zone -> Text,
        until_day -> Nullable<Text>,
        made -> Integer,
        next_at -> Nullable<Timestamp>,
        stopped_at -> Nullable<Timestamp>,
        title -> Text,
        source -> Text,
        place_kind -> Text,
        area -> Text,
        address -> Text,
        link -> Text,
        access -> Text,
        capacity -> Nullable<Integer>,
        join_mode -> Text,
        visibility -> Text,
        named -> Bool,
        address_public -> Bool,
        waiting_list -> Bool,
        only_here -> Bool,
        link_lead -> Nullable<Integer>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    occurrences (event_id) {
        event_id -> BigInt,
        series_id -> BigInt,
        recurrence_id -> Text,
    }
}

diesel::table! {
    skipped_dates (series_id, day) {
        series_id -> BigInt,
        day -> Text,
    }
}

diesel::table! {
    house_replies (id) {
        id -> BigInt,
        group_id -> BigInt,
        title -> Text,
        body -> Text,
    }
}

diesel::table! {
    pauses (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        paused_at -> Timestamp,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    handovers (group_id) {
        group_id -> BigInt,
        from_id -> BigInt,
        to_id -> BigInt,
        offered_at -> Timestamp,
    }
}

diesel::table! {
    emergency_access (id) {
        id -> BigInt,
        group_id -> BigInt,
        account_id -> BigInt,
        reason -> Text,
        state -> Text,
        approved_by -> Nullable<BigInt>,
        asked_at -> Timestamp,
        opens_at -> Timestamp,
        ends_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    group_log (id) {
        id -> BigInt,
        group_id -> BigInt,
        deed -> Text,
        by_id -> Nullable<BigInt>,
        about_id -> Nullable<BigInt>,
        post_id -> Nullable<BigInt>,
        number -> Nullable<Integer>,
        at -> Timestamp,
    }
}

diesel::table! {
    audit_log (id) {
        id -> BigInt,
        deed -> Text,
        group_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        at -> Timestamp,
    }
}

diesel::table! {
    notices (id) {
        id -> BigInt,
        account_id -> BigInt,
        persona_id -> Nullable<BigInt>,
        kind -> Text,
        group_id -> Nullable<BigInt>,
        post_id -> Nullable<BigInt>,
        event_id -> Nullable<BigInt>,
        about_id -> Nullable<BigInt>,
        words -> Text,
        once -> Nullable<Text>,
        created_at -> Timestamp,
        seen_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    quiet_hours (account_id) {
        account_id -> BigInt,
        from_hour -> Integer,
        until_hour -> Integer,
    }
}

diesel::table! {
    agreements (group_id, version) {
        group_id -> BigInt,
        version -> Integer,
        source -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    accepted_agreements (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        version -> Integer,
        accepted_at -> Timestamp,
    }
}

diesel::table! {
    join_questions (group_id, position) {
        group_id -> BigInt,
        position -> Integer,
        words -> Text,
    }
}

diesel::table! {
    join_requests (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        outcome -> Text,
        note -> Text,
        asked_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    join_answers (group_id, actor_id, position) {
        group_id -> BigInt,
        actor_id -> BigInt,
        position -> Integer,
        question -> Text,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    group_invitations (id) {
        id -> BigInt,
        group_id -> BigInt,
        code_hash -> Text,
        made_by -> BigInt,
        label -> Text,
        skips_approval -> Bool,
        uses_left -> Integer,
        expires_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    invitation_passes (invitation_id, account_id) {
        invitation_id -> BigInt,
        account_id -> BigInt,
    }
}

diesel::table! {
    sent_invites (group_id, invitee_id) {
        group_id -> BigInt,
        invitee_id -> BigInt,
        inviter_id -> BigInt,
        ap_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    images (id) {
        id -> BigInt,
        state -> Text,
        belongs_to -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        position -> Integer,
        media_type -> Text,
        width -> Integer,
        height -> Integer,
        description -> Text,
        url -> Nullable<Text>,
        created_at -> Timestamp,
        bytes -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    server,
    setup_codes,
    helplines,
    accounts,
    sessions,
    api_tokens,
    invitations,
    actors,
    held_posts,
    images,
    personas,
    groups,
    memberships,
    membership_requests,
    follows,
    events,
    posts,
    rsvps,
    hosts,
    activities,
    deliveries,
    incoming,
    seen_activities,
    jobs,
    incidents,
    delivery_hours,
    tries,
    host_minutes,
    repairs,
    relays,
    removals,
    locks,
    pins,
    bans,
    teams,
    moderators,
    reports,
    reported_posts,
    reactions,
    talk_rules,
    note_choices,
    seals,
    voices,
    mutes,
    thread_choices,
    blocks,
    post_versions,
    quiet_words,
    quiet_messages,
    faded_posts,
    fadings,
    cards,
    card_owners,
    topics,
    card_marks,
    post_marks,
    card_requests,
    event_terms,
    event_series,
    occurrences,
    invites,
    followed_servers,
    network_meetups,
    proof_keys,
    aliases,
    moves,
    replaced_keys,
    agreements,
    accepted_agreements,
    join_questions,
    join_requests,
    join_answers,
    group_invitations,
    invitation_passes,
    sent_invites,
);
diesel::allow_tables_to_appear_in_same_query!(event_series, skipped_dates);
diesel::allow_tables_to_appear_in_same_query!(group_care, pauses);
diesel::allow_tables_to_appear_in_same_query!(scheduled_posts, personas);
diesel::allow_tables_to_appear_in_same_query!(images, scheduled_posts);
diesel::allow_tables_to_appear_in_same_query!(post_marks, scheduled_posts);
diesel::joinable!(posts -> groups (group_id));
diesel::joinable!(events -> groups (group_id));
diesel::joinable!(personas -> actors (actor_id));
diesel::joinable!(groups -> actors (actor_id));
diesel::joinable!(deliveries -> activities (activity_id));

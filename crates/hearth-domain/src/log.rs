//! What the log of a group and the keepers' audit log say: deeds, never words that somebody wrote.

words! {
    /// Something that was done in a group, or about it.
    Logged("logged deed") {
        /// A post was removed.
        Removed = "removed",
        /// A post was hidden.
        Hidden = "hidden",
        /// An author was asked for other words.
        AskedToRephrase = "asked_to_rephrase",
        /// The author found other words, and the post is shown.
        Rephrased = "rephrased",
        /// A post was brought back.
        Restored = "restored",
        /// A conversation was closed.
        Locked = "locked",
        /// A conversation was opened again.
        Unlocked = "unlocked",
        /// A post was pinned.
        Pinned = "pinned",
        /// A pin was taken away.
        Unpinned = "unpinned",
        /// A post that waited was shown.
        HeldShown = "held_shown",
        /// A post that waited was declined.
        HeldDeclined = "held_declined",
        /// A member was warned.
        Warned = "warned",
        /// A member was paused, for so many days.
        Paused = "paused",
        /// A pause was ended early.
        PauseEnded = "pause_ended",
        /// Somebody was let in.
        LetIn = "let_in",
        /// Somebody who asked was not let in.
        TurnedAway = "turned_away",
        /// A membership was ended.
        MemberRemoved = "member_removed",
        /// Somebody was kept out.
        Banned = "banned",
        /// Somebody is no longer kept out.
        BanLifted = "ban_lifted",
        /// Somebody took a report.
        ReportTaken = "report_taken",
        /// A report was given back: by who had it, or since it took too long.
        ReportGivenBack = "report_given_back",
        /// A report was answered.
        ReportAnswered = "report_answered",
        /// Nobody answered a report: the next facilitator was asked.
        NextAsked = "next_asked",
        /// Nobody answered a report: the keepers were asked.
        KeepersAsked = "keepers_asked",
        /// Somebody has another role.
        RoleChanged = "role_changed",
        /// Whether other servers are shown who looks after the group was changed.
        TeamShown = "team_shown",
        /// Words or settings of the group were changed.
        GroupChanged = "group_changed",
        /// What waits for a look was changed, or the time in which reports are answered.
        CareChanged = "care_changed",
        /// The group was offered to another owner.
        OwnershipOffered = "ownership_offered",
        /// The group has another owner.
        OwnershipTaken = "ownership_taken",
        /// The offer was taken back or declined.
        OwnershipDeclined = "ownership_declined",
        /// The group was archived.
        Archived = "archived",
        /// The group was opened again.
        Reopened = "reopened",
        /// A copy of the whole group was taken.
        Exported = "exported",
        /// A keeper asked to read the group.
        AccessAsked = "access_asked",
        /// A second keeper agreed to it.
        AccessApproved = "access_approved",
        /// A keeper began to read the group.
        AccessOpened = "access_opened",
        /// That ended.
        AccessEnded = "access_ended",
        /// Its author changed a card.
        CardChanged = "card_changed",
        /// Its author took a card back.
        CardTakenBack = "card_taken_back",
        /// A card was removed by who looks after the group.
        CardRemoved = "card_removed",
        /// A conversation was given other topics.
        Sorted = "sorted",
        /// The list of topics was changed.
        TopicsChanged = "topics_changed",
        /// A check-in was set up.
        CheckInSetUp = "check_in_set_up",
        /// The words of a check-in were changed, or when it opens.
        CheckInChanged = "check_in_changed",
        /// A check-in was paused: by somebody, or since it could not open.
        CheckInPaused = "check_in_paused",
        /// A check-in goes on.
        CheckInResumed = "check_in_resumed",
        /// Somebody else keeps a check-in.
        CheckInTakenOver = "check_in_taken_over",
        /// A check-in was ended.
        CheckInEnded = "check_in_ended",
        /// The helplines were changed.
        HelplinesChanged = "helplines_changed",
    }
}

extension Schema {
    /// What the open pages ask for again and again: the cards of the last hours of a line, and who did what last. Without
    /// these each change in the plant would read all attempts, and all acts.
    static var pages: [String] {
        [
            "CREATE INDEX IF NOT EXISTS attempt_ended ON attempt (line, ended) WHERE ended IS NOT NULL",
            "CREATE INDEX IF NOT EXISTS person_act_wall ON person_act (wall)",
        ]
    }
}

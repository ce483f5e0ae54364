import CPostgres

/// One statement of an exchange, with `?` for each argument.
public struct PostgresQuestion: Sendable, Hashable {
    public let sql: String
    public let arguments: [PostgresValue]

    public init(_ sql: String, _ arguments: [PostgresValue] = []) {
        self.sql = sql
        self.arguments = arguments
    }
}

/// The answers to an exchange: one for each statement, or for those before the one that failed.
public struct PostgresReplies: Sendable {
    public fileprivate(set) var replies: [PostgresReply] = []
    public fileprivate(set) var failure: PostgresFailure?
}

/// What the server said to one statement of an exchange.
public struct PostgresReply: Sendable {
    /// The command tag, for example `COMMIT` or `INSERT 0 1`.
    public let tag: String
    /// Rows changed, or selected.
    public let affected: Int
    public let rows: [PostgresRow]
}

// Pipeline mode (PostgreSQL manual 34.5): the questions leave together and their answers are waited for once.
extension PostgresConnection {
    /// Asks several statements in order, in one go. The server does nothing of what follows a statement that fails. Throws
    /// when the session is over: a COMMIT among them is then in doubt.
    public func exchange(_ questions: [PostgresQuestion]) throws(PostgresFailure) -> PostgresReplies {
        // so many must fit into the cache at once, or one would push another out before it ran
        guard questions.count > 1, questions.count <= options.statementLimit else { return try oneByOne(questions) }
        var statements: [PreparedStatement] = []
        var arguments: [Arguments] = []
        for question in questions {
            statements.append(try prepared(question.sql, question.arguments))
            arguments.append(try Arguments(question.arguments))
        }
        let handle = try ready()
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        for (statement, values) in zip(statements, arguments) {
            let sent = values.withPointers { count, pointers, lengths, formats in
                PQsendQueryPrepared(handle, statement.name, count, pointers, lengths, formats, statement.shape.format)
            }
            guard sent == 1 else { throw lost() }
        }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        let answers = try answers(to: statements)
        guard PQexitPipelineMode(handle) == 1 else { throw lost() }
        return answers
    }

    private func oneByOne(_ questions: [PostgresQuestion]) throws(PostgresFailure) -> PostgresReplies {
        var answers = PostgresReplies()
        do {
            for question in questions {
                let statement = try send(question.sql, question.arguments, rowByRow: false)
                answers.replies.append(PostgresReply(try lastAnswer(of: statement), statement))
            }
        } catch {
            guard error.kind == .server else { throw error }
            answers.failure = error
        }
        return answers
    }

    /// Reads until the server is in step again.
    private func answers(to statements: [PreparedStatement]) throws(PostgresFailure) -> PostgresReplies {
        var answers = PostgresReplies()
        for statement in statements {
            while let answer = try nextAnswer() {
                if let refused = answer.failure() {
                    let failure = report(refused, of: statement)
                    // nothing more comes from a session that ended
                    if failure.kind == .away { throw failure }
                    answers.failure = failure
                } else if answers.failure == nil {
                    answers.replies.append(PostgresReply(answer, statement))
                }
            }
        }
        guard try nextAnswer()?.isInStep == true else { throw lost() }
        return answers
    }
}

extension PostgresReply {
    fileprivate init(_ answer: Answer, _ statement: PreparedStatement) {
        self.init(tag: answer.tag, affected: answer.affected, rows: answer.rows(statement.shape))
    }
}

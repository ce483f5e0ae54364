import Foundation
import Ground

/// The API's description (OpenAPI 3.1), made of the routes themselves.
enum OpenAPI {
    static func description(of routes: [Route]) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes where route.isInAPI {
            paths["/api" + (route.path == "/" ? "" : route.path), default: [:]][route.method.lowercased()] = operation(
                route)
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": "Sakk console", "version": "1", "description": "Everything that the pages show and do."],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "securitySchemes": [
                    "session": ["type": "apiKey", "in": "cookie", "name": .string(Console.sessionCookie)],
                    "token": ["type": "apiKey", "in": "header", "name": "X-Sakk-Token"],
                ],
                "schemas": [
                    "Error": [
                        "type": "object", "required": ["schema", "code", "text", "remedy"],
                        "properties": [
                            "schema": ["const": "sakk.error/1"], "code": ["type": "string"], "text": ["type": "string"],
                            "remedy": ["type": "string"], "source": ["type": "string"],
                            "subject": ["type": ["string", "null"]],
                            "outcome": ["enum": ["not_done", "done", "unknown"]],
                        ],
                    ],
                    "Answer": [
                        "type": "object", "required": ["schema"],
                        "properties": ["schema": ["type": "string", "pattern": "^sakk\\.console-[a-z-]+/1$"]],
                    ],
                ],
            ],
        ]
    }

    private static func operation(_ route: Route) -> JSONValue {
        var members: [String: JSONValue] = [
            "summary": .string(route.summary), "operationId": .string(name(route)), "responses": responses(route),
            "parameters": .array(parameters(route)), "security": security(route),
        ]
        if case .roles(let roles) = route.access {
            members["x-roles"] = .array(roles.map(\.rawValue).sorted().map { .string($0) })
        }
        if route.method == "POST" { members["requestBody"] = body(route) }
        return .object(members)
    }

    private static func responses(_ route: Route) -> JSONValue {
        let problem: JSONValue = ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]]
        let answer: JSONValue =
            route.type.map { type in
                .object([type: type == "application/json" ? ["schema": ["type": "object"]] : .object([:])])
            } ?? ["application/json": ["schema": ["$ref": "#/components/schemas/Answer"]]]
        var responses: [String: JSONValue] = [
            "200": ["description": "Done, or what was asked for", "content": answer],
            "default": ["description": "Refused; nothing changed, or `outcome` says what did", "content": problem],
        ]
        if route.fields.contains("second") {
            responses["202"] = [
                "description": "Nothing is done yet: another person has to agree, and the same is sent again",
                "content": problem,
            ]
        }
        return .object(responses)
    }

    private static func parameters(_ route: Route) -> [JSONValue] {
        let named = route.segments.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        return named.map { ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]] }
            + route.query.map { ["name": .string($0), "in": "query", "schema": ["type": "string"]] }
    }

    /// Who is signed in sends the cookie, and with whatever changes something the form token too.
    private static func security(_ route: Route) -> JSONValue {
        if case .everyone = route.access { return [] }
        return route.method == "POST" ? [["session": [], "token": []]] : [["session": []]]
    }

    private static func body(_ route: Route) -> JSONValue {
        let value: JSONValue = ["type": ["string", "integer", "boolean", "array"]]
        let open = route.fields.filter { $0.hasSuffix("*") }.map { "^" + $0.dropLast().replacing(".", with: "\\.") }
        var schema: [String: JSONValue] = [
            "type": "object",
            "properties": .object(
                Dictionary(uniqueKeysWithValues: route.fields.filter { !$0.hasSuffix("*") }.map { ($0, value) })),
        ]
        if !open.isEmpty {
            schema["patternProperties"] = .object(Dictionary(uniqueKeysWithValues: open.map { ($0, value) }))
        }
        return ["content": ["application/json": ["schema": .object(schema)]]]
    }

    private static func name(_ route: Route) -> String {
        ([route.method.lowercased()] + route.segments.map { $0.trimmingCharacters(in: ["{", "}"]) }).joined(
            separator: "_"
        )
        .replacing(".", with: "_")
    }
}

import Testing

@testable import ConformanceKit

@Suite struct ScenarioLoaderTests {
    static let header = """
        id: transport-ws/x
        uid: GC-0001
        title: A fact
        level: MUST
        source: somewhere

        """

    /// The errors of a scenario whose steps are given.
    static func errors(steps: String, header: String = header) -> [ScenarioError] {
        self.errors(text: header + "steps:\n" + steps)
    }

    static func errors(text: String) -> [ScenarioError] {
        do throws(ScenarioErrors) {
            _ = try ScenarioLoader.load([(name: "f.yaml", text: text)])
            return []
        } catch {
            return error.errors
        }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var steps: String
        var line: Int
        var column: Int
        var problem: String
        var hint: String
        var testDescription: String { self.problem }

        init(_ steps: String, _ line: Int, _ column: Int, _ problem: String, _ hint: String) {
            self.steps = steps
            self.line = line
            self.column = column
            self.problem = problem
            self.hint = hint
        }
    }

    // The header has five lines, `steps:` is the sixth.
    static let mistakes: [Mistake] = [
        .init("  - opne: {as: c1}", 7, 5, "unknown verb `opne`", "did you mean `open`?"),
        .init("  - open: {ass: c1}", 7, 12, "`open` knows no key `ass`", "did you mean `as`?"),
        .init("  - open: c1", 7, 11, "`open` takes a mapping of arguments", "such as {conn: c1}"),
        .init("  - {open: {}, close: {}}", 7, 5, "a step has 2 keys", "one verb a step"),
        .init("  - open", 7, 5, "a step is the string `open`", "expected a verb"),
        .init("  - expect: {type: pong, within: 2}", 7, 34, "`within` of `expect` is `2`", "a duration with a unit"),
        .init("  - expect: {type: pong, within: 2 sec}", 7, 34, "is the string `2 sec`", "250ms or 2s"),
        .init("  - expect: {}", 7, 13, "`expect` needs `type`", "one_of"),
        .init(
            "  - expect: {type: pong, payload: {a: {$regx: b}}}", 7, 40, "unknown pattern operator `$regx`",
            "did you mean `$regex`?"),
        .init("  - expect: {type: {$type: strng}}", 7, 28, "`strng` is no type", "did you mean `string`?"),
        .init("  - expect: {payload: {$regex: \"(\"}}", 7, 32, "`(` is not a regular expression", ""),
        .init("  - expect_none: {conn: c1}", 7, 5, "`expect_none` on `c1` has no fence before it", "fence: {conn: c1}"),
        .init("  - drop: {how: rts}", 7, 17, "`how` of `drop` cannot be `rts`", "did you mean `rst`?"),
        .init("  - start: {id: \"1\"}", 7, 12, "`start` needs `query`", "or `payload`"),
        .init("  - send_raw: {frames: [{opcode: txt}]}", 7, 34, "`opcode` of a frame is the string `txt`", "text"),
        .init("  - send_raw: {hex: 0g}", 7, 21, "`hex` of `send_raw`", "hexadecimal"),
        .init("  - burst: {items: [{open: {}}]}", 7, 21, "`open` cannot be part of one write", "send"),
        .init("  - wait_until: {elapsed: 1s}", 7, 17, "`wait_until` needs `because`", "a sleep"),
        .init(
            "  - expect: {type: pong, as: x}\n  - send: {text: \"{{y}}\"}", 8, 18, "nothing is known as `{{y}}`",
            "did you mean `u`?"),
        .init("  - send: {message: {on: 1}}", 7, 22, "the key `on` is a boolean", "quote"),
        .init("  - send: {message: {a: yes}}", 7, 25, "the bare word `yes`", "quote it"),
        .init(
            "  - expect: {one_of: [{verdict: passed, type: pong}]}", 7, 33,
            "`verdict` of an outcome cannot be `passed`",
            "did you mean `pass`?"),
        .init("  - expect: {type: pong, close: {code: 1}}", 7, 13, "describes several outcomes at once", "one_of"),
        .init("  - expect_close: {code: 70000}", 7, 26, "`code` of `expect_close` is `70000`", "close code"),
        .init("  - assert: {query: \"{ a }\", equals: 1}", 7, 13, "`assert` needs `at`", "data.counter"),
        .init("  - repeat: {steps: []}", 7, 13, "`repeat` needs `times`", ""),
        .init("  - open: {keep_quiet: [pings]}", 7, 24, "`keep_quiet` knows no `pings`", "control-pings"),
        .init("  - fence: {conn: ~x}", 7, 12, "`~x` cannot be the name of a connection", ""),
        .init("  - open: {as: c1}", 1, 1, "the scenario expects nothing", "expect"),
        .init("  - open: {transport: websocket}", 7, 23, "unknown transport `websocket`", "known: legacy-ws, sse"),
        .init("  - http: {endpoint: htp}", 7, 22, "unknown endpoint `htp`", "did you mean `http`?"),
        .init("  - http: {json: {}, text: a}", 7, 11, "`http` has several bodies", "json, graphql, text or hex"),
        .init("  - http: {http_version: 3}", 7, 26, "`http_version` of `http` is `3`", "1.1 or 2"),
        .init("  - http: {params: [a]}", 7, 20, "`params` of `http` is a list", "a mapping from name to value"),
        .init("  - http: {graphql: {qury: a}}", 7, 22, "`graphql` knows no key `qury`", "did you mean `query`?"),
        .init("  - expect_http: {status: ok}", 7, 27, "`status` of `expect_http`", "101 or 4xx"),
        .init("  - mint: {subject: alice}", 7, 11, "`mint` needs `as`", ""),
        .init(
            "  - mint: {as: t, kind: expird}", 7, 25, "`kind` of `mint` cannot be `expird`", "did you mean `expired`?"),
        .init("  - emitter: {as: e, topic: t}", 7, 14, "`emitter` needs `rate`", "20/s"),
        .init("  - emitter: {as: e, topic: t, rate: 20}", 7, 38, "`rate` of `emitter` is `20`", "such as 20/s"),
        .init("  - stop: {emitter: feed}", 7, 5, "there is no emitter `feed` before this step", ""),
        .init(
            "  - emitter: {as: feed, topic: t, rate: 1/s}\n  - stop: {emitter: fed}", 8, 5, "there is no emitter `fed`",
            "did you mean `feed`?"),
        .init("  - fault: {effect: kill}", 7, 12, "`fault` needs `target`", "redis, link or server"),
        .init(
            "  - fault: {target: redis, effect: kil}", 7, 36, "`effect` of `fault` cannot be `kil`",
            "did you mean `kill`?"),
        .init("  - fault: {target: link, effect: latency}", 7, 12, "`fault` needs `latency`", "every piece"),
        .init("  - fault: {target: redis, effect: pause}", 7, 12, "`fault` needs `for`", "for a time only"),
        .init("  - heal: {fault: outage}", 7, 5, "there is no fault `outage` before this step", ""),
        .init("  - always: {process: alive, equals: 1}", 7, 13, "`always` needs `during`", "`for` with a duration"),
        .init(
            "  - assert: {process: alife, equals: 1}", 7, 23, "`process` of `assert` cannot be `alife`",
            "did you mean `alive`?"),
        .init("  - assert: {metric: a, process: cpu, equals: 1}", 7, 13, "`assert` needs `query`", "only one of them"),
        .init(
            "  - policy: {of: degrade.x, keep: []}", 7, 18, "`of` of `policy` is the string `degrade.x`", "profile.a.b"),
        .init("  - policy: {of: profile.a}", 7, 13, "`policy` needs `otherwise`", "a branch for each value"),
        .init("  - policy: {of: profile.a, keep: 1}", 7, 35, "`keep` of `policy` is `1`", "a list of steps"),
        .init("  - use: {fragment: warm-up}", 7, 5, "there is no fragment `warm-up`", ""),
        .init("  - wait_until: {emitted: feed}", 7, 17, "`wait_until` needs `at_least`", ""),
        .init("  - open: {via: proxy}", 7, 17, "`via` of `open` cannot be `proxy`", "expected one of link"),
        .init(
            "  - repeat: {times: 1, concurrency: 0, steps: []}", 7, 37, "`concurrency` of `repeat` is `0`",
            "from 1 to 10000"),
    ]

    @Test(arguments: mistakes)
    func namesThePlaceAndTheMeaning(mistake: Mistake) throws {
        let errors = Self.errors(steps: mistake.steps + "\n")
        let error = try #require(errors.first { $0.problem.contains(mistake.problem) }, "\(errors)")
        #expect(error.line == mistake.line)
        #expect(error.column == mistake.column)
        #expect(error.hint.contains(mistake.hint))
        #expect(error.description.hasPrefix("f.yaml:\(mistake.line):\(mistake.column): "))
    }

    static let goodSteps = "steps:\n  - open: {}\n  - expect: {type: pong}\n"

    @Test(arguments: [
        ("id: X", "`id` of a scenario", "family and rule"), ("uid: GC-1", "`uid` of a scenario", "four digits"),
        ("level: MUSTN", "`level` of a scenario cannot be `MUSTN`", "did you mean `MUST`?"),
        ("budget: 10", "`budget` of a scenario is `10`", "a duration"), ("tile: x", "knows no key `tile`", "title"),
        ("matrix: [a]", "`matrix` of a scenario is a list", "axis"),
        ("matrix: {a: [1, 1]}", "the cell `1` stands twice", ""),
        ("matrix: {u: [1]}", "an axis cannot be called `u`", ""),
        ("matrix: {a: []}", "`matrix.a` of a scenario is a list", "not empty"),
        ("checks: [exactly-onec]", "unknown check `exactly-onec`", "did you mean `exactly-once`?"),
        ("checks: [{exactly-once: {event: e1}}]", "knows no option `event`", "did you mean `events`?"),
        ("allow: [{typ: next}]", "a message pattern needs `type`", "payload"),
        ("checks: [gap-only-in]", "the check `gap-only-in` needs `window`", "the name of a fault"),
    ])
    func judgesTheHeader(line: String, problem: String, hint: String) throws {
        let key = line.prefix { $0 != ":" }
        let kept = Self.header.split(separator: "\n").filter { !$0.hasPrefix("\(key):") }.joined(separator: "\n")
        let errors = Self.errors(text: line + "\n" + kept + "\n" + Self.goodSteps)
        let error = try #require(errors.first { $0.problem.contains(problem) }, "\(errors)")
        #expect(error.hint.contains(hint))
    }

    @Test(arguments: ["id", "uid", "title", "level", "source"])
    func refusesAHeaderWithout(key: String) throws {
        let kept = Self.header.split(separator: "\n").filter { !$0.hasPrefix("\(key):") }.joined(separator: "\n")
        let error = try #require(Self.errors(text: kept + "\n" + Self.goodSteps).first)
        #expect(error.problem == "a scenario needs `\(key)`")
    }

    static let fragment = "fragment: f\ntakes: {conn: c1, topic: null}\nsteps:\n  - emit: {topic: \"{{topic}}\"}\n"

    struct FragmentMistake: Sendable, CustomTestStringConvertible {
        var fragment: String
        var step: String
        /// The file, and the line in it.
        var place: String
        var problem: String
        var hint: String
        var testDescription: String { self.problem }
    }

    @Test(arguments: [
        FragmentMistake(
            fragment: fragment, step: "use: {fragment: f}", place: "s.yaml:7",
            problem: "the fragment `f` needs `topic`",
            hint: ""),
        .init(
            fragment: fragment, step: "use: {fragment: f, topic: t, con: c}", place: "s.yaml:7",
            problem: "the fragment `f` takes no `con`", hint: "did you mean `conn`?"),
        .init(
            fragment: fragment, step: "use: {fragment: ff, topic: t}", place: "s.yaml:7",
            problem: "there is no fragment `ff`", hint: "did you mean `f`?"),
        .init(
            fragment: "fragment: f\nsteps:\n  - emit: {topic: \"{{topc}}\"}\n", step: "use: {fragment: f}",
            place: "fragment.yaml:3", problem: "nothing is known as `{{topc}}`", hint: ""),
        .init(
            fragment: "fragment: f\nsteps:\n  - emt: {topic: t}\n", step: "use: {fragment: f}",
            place: "fragment.yaml:3",
            problem: "unknown verb `emt`", hint: "did you mean `emit`?"),
        .init(
            fragment: "fragment: f\nsteps:\n  - use: {fragment: f}\n", step: "use: {fragment: f}",
            place: "fragment.yaml:3", problem: "fragments use each other without an end", hint: ""),
    ])
    func namesMistakesAroundFragments(mistake: FragmentMistake) throws {
        let text = Self.header + "steps:\n  - \(mistake.step)\n  - expect: {type: pong}\n"
        do throws(ScenarioErrors) {
            _ = try ScenarioLoader.load(
                [(name: "s.yaml", text: text)], fragments: [(name: "fragment.yaml", text: mistake.fragment)])
            Issue.record("there is a mistake")
        } catch {
            let found = try #require(error.errors.first { $0.problem.contains(mistake.problem) }, "\(error.errors)")
            #expect("\(found.file):\(found.line)" == mistake.place)
            #expect(found.hint.contains(mistake.hint))
        }
    }

    @Test func refusesWhatIsTakenTwice() throws {
        let text = Self.header + Self.goodSteps
        let other = text.replacing("GC-0001", with: "GC-0002")
        do throws(ScenarioErrors) {
            _ = try ScenarioLoader.load([(name: "a.yaml", text: text), (name: "b.yaml", text: other)])
            Issue.record("the id stands twice")
        } catch {
            #expect(error.errors.map(\.problem) == ["the id `transport-ws/x` is taken"])
            #expect(error.errors.first?.hint == "first used at a.yaml:1")
        }
    }

    @Test func refusesWhatIsNoYAML() throws {
        let error = try #require(Self.errors(text: "a: [1\nb: 2\n").first)
        #expect(error.problem.hasPrefix("not YAML"))
        #expect(error.line == 2)
        let twice = try #require(Self.errors(text: "a: 1\na: 2\n").first)
        #expect(twice.problem.contains("stands twice"))
    }

    @Test func reportsEveryMistakeAtOnce() {
        let errors = Self.errors(steps: "  - opne: {}\n  - expct: {}\n  - fence: {con: c1}\n")
        #expect(errors.map(\.line) == [7, 8, 9])
    }

    @Test func expandsTheMatrix() throws {
        let text = Self.header + "matrix: {b: [x, {name: z, v: 2}], a: [1]}\n" + Self.goodSteps
        let scenario = try #require(try ScenarioLoader.load([(name: "a.yaml", text: text)]).first)
        #expect(scenario.expanded().map(\.name) == ["transport-ws/x[a=1,b=x]", "transport-ws/x[a=1,b=z]"])
        #expect(scenario.covers == ["transport-ws/x"])
        #expect(scenario.budget == 10_000_000_000)
    }

    @Test func bareWordsAreJSON() throws {
        let node = try ScenarioYAML.read(#"[1, 1.5, "1", true, null, ~, abc, 0x1, 1e3, "no", 01]"#, file: "a")
        #expect(node.json.text == #"[1,1.5,"1",true,null,null,"abc","0x1",1e3,"no","01"]"#)
    }

    @Test func aByteOrderMarkAtTheStartOfAStringIsKept() throws {
        let node = try ScenarioYAML.read("[\"\\uFEFFa\", \"\\ufeff\", \"b\\uFEFF\"]", file: "a")
        let strings = node.json.arrayValue?.compactMap(\.stringValue).map { Array($0.unicodeScalars.map(\.value)) }
        #expect(strings == [[0xFEFF, 0x61], [0xFEFF], [0x62, 0xFEFF]])
    }

    @Test(arguments: [
        ("250ms", 250_000_000), ("2s", 2_000_000_000), ("1.5 s", 1_500_000_000), ("1m", 60_000_000_000),
        ("50% of 3s", 1_500_000_000), ("3s + 500ms", 3_500_000_000), ("50% of 800ms + 1s", 1_400_000_000),
    ])
    func readsDurations(text: String, nanoseconds: UInt64) {
        #expect(DurationText.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: ["", "2", "s", "-1s", "1 parsec", "% of 3s", "1s +", "99999999999h"])
    func refusesDurations(text: String) {
        #expect(DurationText.nanoseconds(text) == nil)
    }
}

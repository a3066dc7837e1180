extension Misbehaviour {
    /// The name by which it is asked for.
    package var name: String { self.rawValue }

    /// What the server does wrong, in one sentence.
    package var summary: String { self.facts.summary }

    /// Where the mistake was seen: numbers of the catalogue of known bugs, or `could happen`.
    package var source: String { self.facts.source }

    private var facts: (summary: String, source: String) {
        switch self {
        case .duplicateIDIgnored: ("A second subscribe with an id in use is dropped without a word.", "known bug 19")
        case .duplicateIDReplaces:
            (
                "A second subscribe takes the id over; the first operation goes on and cannot be stopped.",
                "known bugs 23, 24"
            )
        case .duplicateIDCheckThenAct:
            (
                "The id is reserved only when the messages of one read are done, so duplicates in one burst all run.",
                "known bug 19"
            )
        case .queryIDNotReserved: ("Queries and mutations do not hold their id.", "known bug 22")
        case .duplicateIDClosesWith4400: ("An id in use closes with 4400 instead of 4409.", "could happen")
        case .idKeptAfterComplete: ("An id stays taken after the server completed its operation.", "known bugs 9, 21")
        case .idKeptAfterError: ("An id stays taken after its operation ended with an error.", "known bug 28")
        case .idKeptAfterClientComplete: ("An id stays taken after the client completed its operation.", "could happen")
        case .idsTrimmed: ("White space around ids is removed.", "could happen")
        case .idsNormalised: ("Ids that are canonically equivalent in Unicode are taken for the same.", "could happen")
        case .specialIDTaken: ("Ids that are names of a language's base object count as taken.", "known bug 26")
        case .longDuplicateIDHangs:
            (
                "A duplicate id too long for the close reason leaves the socket neither closed nor usable.",
                "known bug 42"
            )
        case .numericIDAccepted: ("Numbers are accepted as ids and turned into strings.", "could happen")
        case .idNotEscaped:
            ("Replies are built by text formatting, so an id with a quotation mark breaks the JSON.", "known bug 25")
        case .staleEventsAfterReuse:
            ("An id used again is still fed by the operation that had it before.", "known bug 27")
        case .operationsKeyedBySocket:
            ("A socket takes one operation; a second, different id is refused as a duplicate.", "known bugs 20, 62")
        case .completeTwice: ("The end of an operation is reported twice.", "known bug 29")
        case .completeAfterError: ("An error is followed by a complete.", "known bug 31")
        case .noCompleteAfterQuery: ("Queries and mutations never complete.", "known bug 30")
        case .errorPayloadObject: ("The payload of error is one object instead of an array.", "known bug 33")
        case .errorPayloadWrapped: ("The payload of error is an object with a member errors.", "known bug 33")
        case .errorPayloadDoublyWrapped:
            ("The payload of error is an array of objects with a member errors.", "known bug 33")
        case .requestErrorAsNext:
            ("A request that fails validation is answered with next and never ends.", "known bug 36")
        case .fieldErrorAsError:
            ("A failing field ends the operation with error instead of appearing in next.", "could happen")
        case .fieldErrorsDropped: ("Field errors are left out of next.", "known bug 25")
        case .emptyErrorsArray: ("Every next has an array errors, also when it is empty.", "could happen")
        case .resultInsideComplete: ("The result of a query travels inside the complete message.", "known bug 35")
        case .unknownOperationNameHangs: ("An unknown operationName is never answered.", "known bug 38")
        case .requestErrorClosesSocket:
            ("A request error closes the socket and takes every other operation along.", "known bugs 39, 41")
        case .sourceErrorClosesSocket: ("A source stream that fails closes the whole socket.", "known bug 40")
        case .sourceErrorAsComplete: ("A source stream that fails is reported as a normal end.", "could happen")
        case .queryNotCancelled: ("A query that the client completed still sends its result.", "could happen")
        case .queryCompleteCloses: ("A client's complete for a query closes the socket.", "known bug 32")
        case .clientCompleteEchoed: ("The client's complete is answered with a complete.", "could happen")
        case .clientCompleteIgnored: ("The client's complete stops nothing.", "known bugs 8, 58")
        case .completeBeforeClose:
            ("When the server ends the socket, running operations are first reported as complete.", "known bug 37")
        case .ackBeforeInit: ("The acknowledgement comes with the upgrade, before any init.", "could happen")
        case .ackTwice: ("One init gives two acknowledgements.", "known bug 56")
        case .ackPayloadNull: ("The acknowledgement has a null payload.", "known bug 50")
        case .noAckWithoutPayload: ("An init without payload is never answered.", "known bugs 46, 50")
        case .initTimeoutNever: ("A client that never sends init is kept for ever.", "could happen")
        case .initTimeoutAfterAck: ("The init timer closes connections that were acknowledged.", "known bug 47")
        case .secondInitIgnored: ("A second init is ignored.", "could happen")
        case .secondInitIgnoredWhilePending:
            ("A second init is noticed only after the acknowledgement of the first.", "could happen")
        case .sharedInitFlag: ("Whether init was received is remembered for all sockets together.", "known bug 45")
        case .operationsBeforeInit: ("Operations of clients that never sent init are executed.", "known bugs 43, 44")
        case .refusedEarlyOperationRuns:
            ("A subscribe before the acknowledgement closes with 4401, and is executed all the same.", "could happen")
        case .refusedInitOperationRuns: ("A subscribe behind a refused init is executed.", "could happen")
        case .refusalAsConnectionError:
            ("A refused init is answered with connection_error of the legacy dialect.", "known bug 49")
        case .refusalClosesWith1000:
            ("A refused init closes with 1000, which clients take for success.", "known bug 48")
        case .crashClosesAllSockets: ("A crash while deciding about one socket closes all sockets.", "could happen")
        case .everyCloseIs4400: ("Every close has the code 4400.", "could happen")
        case .reasonsMisspelt: ("Close reasons are in American spelling and lower case.", "could happen")
        case .reasonTooLong: ("Close reasons are longer than 123 bytes.", "known bug 42")
        case .unknownTypeIgnored: ("Messages of unknown type are ignored.", "could happen")
        case .invalidJSONIgnored: ("Text that is not JSON is ignored.", "could happen")
        case .batchAccepted: ("An array of messages is taken as a batch.", "could happen")
        case .binaryIgnored: ("Binary messages are ignored.", "known bug 60")
        case .invalidMessageKeepsOperations: ("The close after an invalid message stops no operation.", "could happen")
        case .pongPayloadNull: ("A pong without payload has a null payload.", "known bug 55")
        case .noPongBeforeInit: ("Pings before init are not answered.", "could happen")
        case .pingCloses: ("A ping is an invalid message.", "known bugs 54, 55")
        case .readsBlockedByOperations: ("No message is read while a query runs.", "known bug 61")
        case .legacyKeepAlive: ("The keep-alive is the legacy message ka.", "known bug 54")
        case .ackAsKeepAlive: ("The keep-alive is a repeated acknowledgement.", "known bug 56")
        case .noKeepAlive: ("A peer that vanished is never noticed.", "known bug 3")
        case .releaseAtNextEvent:
            ("A completed subscription releases its source only when the next event comes.", "known bugs 11, 12")
        case .sourceKeptOnDrop:
            ("Sources outlive a connection that ends without a close frame.", "known bugs 2, 10, 18")
        case .sourceKeptOnClose: ("Sources outlive a connection that is closed properly.", "known bugs 1, 8, 17")
        case .sourceKeptWhilePreparing:
            ("A source that comes into being after its operation ended is not released.", "known bugs 6, 7")
        case .firstLeaverStarvesOthers:
            ("When one of several subscribers of a shared source leaves, the others get nothing more.", "known bug 13")
        case .eventsReordered: ("Events of one subscription overtake each other.", "known bug 63")
        case .eventsCross: ("Events go to another subscription of the socket.", "could happen")
        case .completeCrossesSockets: ("A complete ends the operations of that id on all sockets.", "could happen")
        case .unmaskedAccepted: ("Frames of clients need no mask.", "could happen")
        case .invalidUTF8Accepted: ("Text that is not UTF-8 is repaired instead of refused.", "could happen")
        case .reservedBitsAccepted: ("Reserved bits of frames are ignored.", "could happen")
        case .framesAfterClose: ("Messages are sent after the server's own close frame.", "known bug 84")
        case .closeNotEchoed: ("A client's close frame is answered by ending TCP only.", "could happen")
        case .tcpKeptAfterClose: ("After the close frames TCP is never ended.", "known bug 83")
        case .pingPayloadDropped: ("WebSocket pongs do not carry the payload of the ping.", "could happen")
        case .earlyFramesLost: ("Frames that come in one segment with the handshake are lost.", "could happen")
        case .limitOffByOne:
            ("One more connection, operation and message is let in than the limit says.", "could happen")
        case .limitCheckThenAct:
            (
                "Whether a limit is reached is looked up first and the place taken later, so racers all get in.",
                "could happen"
            )
        case .limitKeptOnReset: ("The place of a connection that is reset is never free again.", "could happen")
        case .limitKeptOnClose:
            ("The place of a connection that its client closes properly is never free again.", "known bug 15")
        case .limitKeptWhenInitFails:
            ("The place of a connection that was not admitted is never free again.", "could happen")
        case .limitFreedTwice: ("Every place is given back twice.", "could happen")
        case .limitSharedByTenants: ("All tenants are counted as one.", "could happen")
        case .userLimitIgnoresTenant:
            ("Users of the same name are counted as one, whatever their tenants.", "could happen")
        case .peerLimitTrustsHeader:
            ("Clients are counted by the address that they claim in X-Forwarded-For.", "could happen")
        case .httpNotLimited: ("Limits on operations and rates hold for WebSockets only.", "could happen")
        case .operationPlaceKeptOnError: ("The place of an operation that fails is never free again.", "could happen")
        case .operationPlaceKeptOnComplete:
            ("The place of an operation that its client completes is never free again.", "could happen")
        case .limitClosesSocket:
            ("One operation too many closes the socket and takes the others along.", "could happen")
        case .limitSilent: ("One operation too many is dropped without a word.", "could happen")
        case .limitErrorWithoutCode: ("Refusals for a limit have neither code nor retryAfter.", "could happen")
        case .limitClosesWith4403:
            ("A connection too many is closed with 4403, which clients take for final.", "could happen")
        case .retryAfterMissing: ("Status 429 comes without Retry-After.", "could happen")
        case .refusedMessagesCount:
            (
                "Messages that are refused use up the rate, so whoever retries when told is refused again.",
                "could happen"
            )
        case .rateNeverRefills: ("The message rate is counted for the life of the connection.", "could happen")
        case .tenantRatePerConnection:
            ("The message rate of a tenant is counted for each connection apart.", "could happen")
        case .completeRefusedByRate: ("A complete beyond the message rate is dropped.", "could happen")
        case .slowConsumerUnbounded: ("Events wait without bounds for a client that does not read.", "could happen")
        case .slowConsumerBlocksOthers:
            ("While one subscriber of a source does not read, the others get nothing.", "known bug 4")
        case .slowConsumerNeverCut: ("A client that does not read is never cut.", "could happen")
        case .overflowDropsWrongEnd:
            ("Where the oldest event should be dropped the newest is, and the other way round.", "could happen")
        case .overflowKeepsSource:
            ("A subscription that is ended because its client does not read keeps its source.", "known bug 4")
        case .overflowSilent: ("A subscription whose client does not read is ended without a word.", "could happen")
        case .droppedEventsUncounted: ("Dropped events are not counted.", "could happen")
        case .queueOutlivesComplete: ("Events that wait are sent also after the client's complete.", "could happen")
        case .oneInAHundredLeaks: ("Every hundredth subscription that is stopped keeps its source.", "could happen")
        case .gaugesKeptOnDrop: ("Connections that are reset stay in the gauges.", "could happen")
        case .subprotocolInvented: ("The subprotocol is selected although it was not offered.", "could happen")
        case .messageTypeFoundInText:
            (
                "The type is searched for in the text, so white space and escapes are not understood.",
                "could happen"
            )
        case .trailingTextIgnored: ("Text behind the first JSON value of a message is ignored.", "could happen")
        case .typeCaseIgnored: ("Types are trimmed and compared without case.", "could happen")
        case .typesOfLegacyAccepted:
            (
                "Messages of the legacy dialect such as start and stop are understood as well.",
                "known bug 58"
            )
        case .serverTypesIgnored: ("next, error and connection_ack from a client are ignored.", "could happen")
        case .missingIDInvented:
            ("A subscribe without an id, or with an empty one, gets an id of the server's making.", "could happen")
        case .completeIDUnchecked: ("A complete without a usable id is ignored.", "could happen")
        case .subscribePayloadUnchecked:
            ("A subscribe whose payload has a wrong shape is answered with error instead of a close.", "could happen")
        case .nullMembersRefused:
            ("Null for an optional member of a subscribe payload is an invalid message.", "could happen")
        case .unknownMembersRefused: ("Members that the dialect does not know make a message invalid.", "could happen")
        case .initPayloadUnchecked: ("An init may have a payload of any type.", "could happen")
        case .initPayloadRefused:
            ("An init with an object payload that is not empty is an invalid message.", "known bug 50")
        case .pingPayloadUnchecked: ("Pings and pongs may have a payload of any type.", "could happen")
        case .duplicateMembersMute: ("A message with a member twice is dropped without a word.", "could happen")
        case .deepJSONClosesAllSockets: ("A message that is nested too deeply closes every socket.", "could happen")
        case .utf8ExtremesRefused:
            ("U+0000, noncharacters such as U+FFFF, and U+10FFFF are taken for invalid text (1007).", "could happen")
        case .secondInitCheckThenAct:
            (
                "An init is noted when the messages of one read are done, so two in a burst are both acknowledged.",
                "known bug 19"
            )
        case .secondInitKeepsOperations: ("The close after a second init stops no operation.", "could happen")
        case .initTimeoutWhileDeciding:
            ("The init timer runs until the acknowledgement, so a slow decision is cut with 4408.", "known bug 47")
        case .pingsExtendInitTimeout: ("Every message starts the wait for init anew.", "could happen")
        case .refusedInitAcked: ("A refused init is acknowledged before the close.", "could happen")
        case .operationsWhileDeciding: ("Operations are executed while the init is undecided.", "known bugs 43, 44")
        case .completeBeforeAckCloses: ("A complete before the acknowledgement closes with 4409.", "could happen")
        case .readsPastInvalid: ("Messages behind an invalid one in the same read are still acted on.", "could happen")
        case .pongCloses: ("A pong that nobody asked for is an invalid message.", "could happen")
        case .pongsCoalesced: ("Of several pings in one read only the last is answered.", "could happen")
        case .noPongWhileDeciding: ("No message is read while the init is undecided.", "known bug 61")
        case .pingsWaitForStreams: ("Pings are answered only when no operation runs.", "known bug 61")
        case .pongExtraMembers: ("A pong carries members that the dialect does not have.", "could happen")
        case .pongPayloadOwn: ("A pong carries a payload of the server's own.", "could happen")
        case .ackExtraMembers: ("The acknowledgement carries an id.", "could happen")
        case .crashReasonLeaks:
            ("A crash in the init hook closes with the internal error, file and line, as the reason.", "could happen")
        case .subprotocolOmitted: ("The subprotocol is never named in the answer.", "could happen")
        case .subprotocolListNotRead:
            ("Sec-WebSocket-Protocol is compared as a whole, so the dialect is not found among others.", "could happen")
        case .subprotocolCaseIgnored: ("Subprotocols are compared without case.", "could happen")
        case .defaultDialect: ("A socket without a usable subprotocol is served all the same.", "could happen")
        case .acceptKeyWrong: ("Sec-WebSocket-Accept is the hash of the key alone.", "could happen")
        case .headerTokensExact: ("Connection and Upgrade are compared as a whole and with case.", "could happen")
        case .keyUnchecked: ("Sec-WebSocket-Key may be missing or malformed.", "could happen")
        case .versionUnchecked: ("Any Sec-WebSocket-Version is accepted.", "could happen")
        case .methodUnchecked: ("Any method and any HTTP version may upgrade.", "could happen")
        case .extensionInvented: ("permessage-deflate is announced whatever was offered.", "could happen")
        case .handshakeInOneRead:
            ("A request head that does not come in one piece is refused with 400.", "could happen")
        case .plainHTTPMute: ("A GET without upgrade headers is never answered.", "could happen")
        case .partialFramesDropped:
            ("What is left of a read after the last whole frame is thrown away.", "could happen")
        case .oneFramePerRead: ("Only the first frame of a read is handled.", "could happen")
        case .maskOfFirstFrame: ("Every frame is unmasked with the mask of the first.", "could happen")
        case .reservedOpcodesIgnored: ("Frames with reserved opcodes are skipped.", "could happen")
        case .longLengthsRefused: ("Frames with a 64-bit length are refused with 1009.", "could happen")
        case .lengthHighBitIgnored: ("The top bit of a 64-bit length is masked off.", "could happen")
        case .fragmentsAsMessages: ("Every fragment is taken for a message.", "could happen")
        case .utf8CheckedPerFrame: ("Each fragment of a text has to be UTF-8 by itself.", "could happen")
        case .controlWaitsForMessage:
            ("Control frames between fragments are answered when the message is whole.", "could happen")
        case .fragmentsOutOfOrderAccepted:
            (
                "A continuation without a start begins a message, and a new data frame replaces an unfinished one.",
                "could happen"
            )
        case .controlLengthUnchecked:
            ("Control frames may be longer than 125 bytes; what is too much is cut off.", "could happen")
        case .controlFragmentsAccepted: ("Control frames may be fragmented.", "could happen")
        case .emptyTextIgnored: ("An empty text message is ignored.", "could happen")
        case .messageLimitMissing: ("Messages of any size are accepted.", "known bug 67")
        case .controlPongCloses: ("An unasked WebSocket pong closes with 1002.", "could happen")
        case .pingFloodCloses: ("More than 100 pings in a row close the socket and are not answered.", "could happen")
        case .serverFramesMasked: ("The server masks its frames.", "could happen")
        case .serverLengthsLong: ("The server writes every length in 64 bits.", "could happen")
        case .serverSendsBinary: ("Messages go out as binary frames.", "could happen")
        case .loneSurrogatesSent:
            ("Surrogates without their other half are sent as they are (ED A0 80).", "could happen")
        case .closeEchoWithoutCode: ("A close frame is answered with an empty one.", "could happen")
        case .close1005Sent: ("An empty close frame is answered with the code 1005.", "could happen")
        case .closePayloadUnchecked:
            ("The code and reason of a client's close frame are not looked at.", "could happen")
        case .closeCodesClosedList:
            ("Only the codes 1000 and 1001 are taken for legal in a client's close frame.", "could happen")
        case .closeWaitsForStreams:
            ("A client's close frame is answered when its subscriptions have ended.", "could happen")
        case .framesAfterClientCloseHandled: ("Messages behind the client's close frame are acted on.", "could happen")
        case .dropClosesAllSockets:
            ("A connection that ends without a close frame takes all others along.", "could happen")
        case .missingTypeIgnored:
            ("JSON that is no object, and objects without a usable type, are ignored.", "could happen")
        case .closeEchoAwaitedForEver:
            ("After its own close frame the server waits for the answer without an end.", "could happen")
        case .duplicateCloseKeepsOperations: ("The close after a duplicate id stops no operation.", "could happen")
        case .unknownCompleteCloses: ("A complete for an id that is not in use closes with 4400.", "could happen")
        case .completeLostWhilePreparing:
            ("A complete that comes before the source stream exists is forgotten.", "could happen")
        case .completeEndsAll: ("A complete ends every operation of the socket.", "could happen")
        case .idsSharedBetweenSockets: ("An id in use on one socket counts as taken on the others.", "could happen")
        case .eventsCrossSockets: ("Events go to the operation of the same id on another socket.", "could happen")
        case .eventsLost: ("Every tenth event of a source is dropped.", "could happen")
        case .eventsTwice: ("Each event of a source that several operations share is delivered twice.", "could happen")
        case .lastEventLost: ("The end of a source overtakes its last events.", "could happen")
        case .noCompleteAfterSubscription: ("A subscription whose source ends never completes.", "could happen")
        case .completeBeforeResult: ("The complete of a query comes before its next.", "could happen")
        case .operationNameIgnored:
            ("The first operation of a document runs, whatever operationName says.", "could happen")
        case .mutationExecutedTwice: ("A mutation is executed twice.", "could happen")
        case .missingVariableAsNull:
            (
                "A required variable that is missing is taken for an empty value, and the operation is executed.",
                "could happen"
            )
        case .explicitNullBecomesDefault: ("A variable that is explicitly null takes its default.", "could happen")
        case .severalRootFields: ("A subscription with several root fields runs the first.", "could happen")
        case .rootFieldsInFragments:
            ("A subscription with several root fields in fragments runs the first of them.", "known bug 82")
        case .typenameAsRoot: ("A subscription to __typename alone runs, with one event.", "could happen")
        case .skipOnRoot: ("@skip and @include on a subscription's root field are accepted.", "could happen")
        case .rootAliasLost: ("Events are keyed by the field's name instead of its alias.", "could happen")
        case .numericIDsAsNumbers: ("Ids that look like numbers come back as numbers.", "could happen")
        case .nullDataLeftOut: ("data is left out of next when it is null.", "could happen")
        case .keysSorted: ("The members of data are sorted by name.", "could happen")
        case .extraEntries: ("Every next has a member of the server's own beside data and errors.", "could happen")
        case .locationsFromZero: ("Locations of errors count from 0.", "could happen")
        case .locationsMissing: ("Errors have no locations.", "could happen")
        case .internalsShown: ("Errors are reported with the server's file names and a stack trace.", "could happen")
        case .variablesRequired: ("A request on a socket without variables is refused.", "could happen")
        case .extensionsRefused: ("A request with extensions is an invalid message.", "could happen")
        case .singleResultsClose:
            ("A query or mutation closes the socket with 4400: subscriptions only.", "could happen")
        case .operationsDropped:
            ("From the 50th operation open on one socket on, a subscribe is dropped without a word.", "could happen")
        case .largeMessageCloses: ("Messages above 32 KiB close with 1009.", "could happen")
        case .largeResultDropped: ("Results above 512 KiB are dropped.", "could happen")
        case .privateCloseCodeRefused:
            ("A client's close with a code from 4000 on is answered with 1002.", "could happen")
        case .connectionSlotsLost:
            ("The place of a closed connection is never free again; after 100 nobody gets in.", "known bug 15")
        case .getMutationExecuted: ("A mutation in the URL of a GET is executed.", "could happen")
        case .httpNoCharset: ("Answers do not name their encoding.", "could happen")
        case .httpNoAllow: ("Refusals of a method do not say which are allowed.", "could happen")
        case .httpDataNullWithErrors:
            ("A request that is refused before execution is answered with data null.", "could happen")
        case .httpEmptyErrors: ("Every answer has an array errors, also when it is empty.", "could happen")
        case .httpRequestError200: ("Request errors get status 200 with the newer media type as well.", "could happen")
        case .httpFieldError500: ("A result with a field error gets status 500.", "could happen")
        case .httpAnyContentType: ("Requests are taken whatever their content type says.", "could happen")
        case .httpCharsetIgnored: ("Requests are read as UTF-8 whatever their charset says.", "could happen")
        case .httpWeightsIgnored: ("The weights in Accept are ignored.", "could happen")
        case .httpPlusKept: ("A plus sign in the URL is no space.", "could happen")
        case .httpOperationNameNull: ("The text null in the URL counts as no operation name.", "could happen")
        case .http406AfterExecution:
            ("A mutation is executed before its answer turns out not to be acceptable.", "could happen")
        case .httpNullMembersRefused:
            ("Members that are null are refused instead of counting as absent.", "could happen")
        case .httpUnknownMembersRefused: ("Requests with members that are not known are refused.", "could happen")
        case .httpInvalidJSON500: ("A body that is no JSON is answered with status 500.", "could happen")
        case .httpBodyLatin1: ("The body of a request is read as Latin-1, whatever it says.", "could happen")
        case .httpTextAsGRJ: ("Refusals in plain text are labelled application/graphql-response+json.", "could happen")
        case .httpJSONMislabelled: ("Clients that accept only application/json get the newer type.", "could happen")
        case .httpVariablesDropped: ("Variables of a request are not used.", "could happen")
        case .httpBadParameterIgnored:
            ("Variables and extensions in the URL that are no JSON count as absent.", "could happen")
        case .httpCachedByDocument:
            ("A result is kept and given to all who send the same document, whatever their variables.", "could happen")
        case .httpLimits500: ("Bodies, URLs and header fields over their limits are refused with 500.", "could happen")
        case .httpSlowRequestKept: ("A request that is never finished keeps its connection for ever.", "could happen")
        case .intWraps: ("Over HTTP numbers beyond 32 bits wrap around and fractions are cut off.", "could happen")
        case .sseWrongContentType: ("Event streams are labelled as JSON.", "could happen")
        case .sseUnnamedEvents: ("Events have no name.", "could happen")
        case .sseEventNamePadded: ("The names of events have white space behind them.", "could happen")
        case .sseNoComplete: ("The end of an operation is not reported.", "could happen")
        case .sseCompleteWithoutData:
            ("The event complete has no data, so that browsers do not dispatch it.", "could happen")
        case .sseCompleteDataNull: ("The event complete of a distinct connection has the data null.", "could happen")
        case .sseCompleteTwice: ("The end of an operation is reported twice on its event stream.", "known bug 29")
        case .sseOpenAfterComplete: ("The stream of a distinct connection stays open behind complete.", "could happen")
        case .sseEnvelopeInDistinct:
            ("Results of distinct connections come in the envelope of single ones.", "could happen")
        case .sseNoEnvelope: ("Results of single connections come without id.", "could happen")
        case .sseNoKeepAlive: ("Nothing is sent on a quiet stream.", "could happen")
        case .sseKeepAliveAsEvent: ("Quiet streams are kept alive with events.", "could happen")
        case .sseEventsHeldBack: ("An event reaches the client only with the one behind it.", "could happen")
        case .sseSourceErrorAsComplete:
            ("An event stream whose source breaks off is reported as a normal end.", "could happen")
        case .sseSourceErrorEndsStream:
            (
                "A source that breaks off ends its whole stream, with all operations of a single connection.",
                "known bug 40"
            )
        case .sseSourceKeptOnLeave:
            ("Sources outlive the event stream that their client has left.", "known bugs 12, 14")
        case .sseAcceptComparedWhole:
            ("Accept asks for a stream only when it is exactly text/event-stream.", "could happen")
        case .sseValidation400:
            ("A distinct connection refuses bad operations with a status instead of a stream.", "could happen")
        case .sseTokenGuessable: ("The tokens of reservations are counted up.", "could happen")
        case .sseTokenNotChecked: ("An operation with a wrong token runs for the last reservation.", "could happen")
        case .sseSecondStream: ("A reservation can be opened twice.", "could happen")
        case .sseNoResultsBeforeOpen: ("Operations are refused before the stream is open.", "could happen")
        case .sseDeleteIgnored: ("Deleting an operation stops nothing.", "known bug 8")
        case .sseCrossTokenDelete:
            ("Deleting an operation stops those of other reservations that have the same id.", "could happen")
        case .sseIDKeptAfterRejection: ("The id of an operation that was refused stays taken.", "known bug 28")
        case .sseSpecialIDTaken:
            ("Ids of event streams that are names of a language's base object count as taken.", "known bug 26")
        case .sseDuplicateIDAccepted: ("An operation with an id in use is accepted and never runs.", "known bug 19")
        case .sseRefusalAs202: ("An operation that is refused is answered as if it were accepted.", "could happen")
        case .sseOperation200: ("Accepted operations get status 200.", "could happen")
        case .sseTokenHeaderCase:
            ("The header with the token of a reservation is found only in one spelling.", "could happen")
        case .sseTokenInURLIgnored: ("The token of a reservation counts in the header only.", "could happen")
        case .sseEarlyOperationsLost:
            ("Operations that come before their stream is open are accepted and never run.", "could happen")
        case .sseOneSubscription:
            ("While a reservation has a subscription it takes no other operation.", "could happen")
        case .sseDeleteWithoutIDStopsAll: ("A deletion without an id stops every operation.", "could happen")
        case .sseRawNewlines: ("Line ends in a result are written as they are, in one data field.", "could happen")
        case .sseLastEventUnended:
            ("The last event of a distinct connection has no blank line behind it.", "could happen")
        case .tokenSignatureUnchecked: ("Any signature makes a token good.", "could happen")
        case .algorithmNoneAccepted: ("A token that says it is not signed needs no signature.", "could happen")
        case .algorithmConfused:
            ("The header of a token chooses the algorithm, so the public key serves as a secret.", "could happen")
        case .expiredTokenAccepted: ("The expiry of a token is not looked at.", "could happen")
        case .tokenWithoutExpiryAccepted: ("A token without an expiry is good for ever.", "could happen")
        case .notBeforeIgnored: ("A token is good before its time.", "could happen")
        case .issuedInFutureAccepted: ("A token that is yet to be issued is good.", "could happen")
        case .audienceIgnored: ("A token that is made out to another server is good.", "could happen")
        case .issuerIgnored: ("A token of any issuer is good.", "could happen")
        case .keyFallBack: ("A token that names an unknown key is verified with another.", "could happen")
        case .tokenWithoutTenantAccepted: ("A token without a tenant is let into the default one.", "could happen")
        case .badTokenIsNone: ("A bad token counts as none, and its bearer as an anonymous client.", "could happen")
        case .nextCarrierAfterBadToken:
            ("A bad token is skipped in favour of one that is carried elsewhere.", "could happen")
        case .requestsUngated: ("Only sockets need a token; requests over HTTP run without.", "could happen")
        case .identityOfLastClient: ("Operations run as the client that connected last.", "known bugs 70, 72")
        case .permissionsUnchecked: ("Everybody has every permission and role.", "known bug 71")
        case .tenantFromPayload: ("A tenant in the payload of connection_init has the last word.", "could happen")
        case .tenantFromHeader: ("A header field X-Tenant-Id has the last word on the tenant.", "could happen")
        case .tenantFromArgument: ("A tenant in an argument is taken for the client's own.", "could happen")
        case .deliveryUnchecked: ("Messages are delivered without a look at their tenant.", "could happen")
        case .sourcesSharedAcrossTenants:
            ("Subscriptions with equal documents and variables share a source, whoever asks.", "could happen")
        case .existenceTold:
            ("What belongs to another tenant is refused in other words than what does not exist.", "could happen")
        case .expiryNotEnforced: ("Connections outlive the token that they were opened with.", "known bug 51")
        case .expiryAtNextEvent: ("The end of a token is noticed when the next event comes.", "known bug 51")
        case .expiryClosesNormally:
            ("A token's end closes the socket with 1000, which clients take for success.", "known bug 48")
        case .revocationIgnored: ("Revoked tokens are let in.", "could happen")
        case .revocationNotPushed:
            ("Connections whose token is revoked stay until their client leaves.", "could happen")
        case .revocationMissedWhileAway: ("What was revoked while the broker was away is never learnt.", "could happen")
        case .originIgnored: ("Pages from anywhere may open sockets and send requests.", "known bug 53")
        case .originReflected: ("Every page may read answers that were given with the user's cookies.", "could happen")
        case .refusalReasonTold: ("A refused client is told what is wrong with its token.", "could happen")
        case .challengeMissing:
            ("A request without a good token is answered with 401 and no WWW-Authenticate.", "could happen")
        case .legacyModernMessages:
            ("After selecting graphql-ws the server speaks graphql-transport-ws.", "known bugs 54, 58")
        case .legacyKeepAliveBeforeAck: ("A legacy socket begins with ka, before any init.", "could happen")
        case .legacyNoKeepAliveAfterAck:
            ("The first ka comes an interval after the acknowledgement, not behind it.", "could happen")
        case .legacyKeepAliveOnce: ("After the ka behind the acknowledgement there is none.", "could happen")
        case .legacyKeepAliveMisnamed: ("The periodic ka has the type connection_keep_alive.", "could happen")
        case .legacyKeepAliveAsPing: ("The periodic ka is a ping of the other dialect.", "known bug 54")
        case .legacySilenceCut: ("A legacy client that sends no message between two ka is cut.", "known bug 57")
        case .legacyNoAckWithoutPayload: ("A legacy init without payload is never answered.", "known bugs 46, 50")
        case .legacyInitTimeoutAfterInit:
            ("The init timer closes legacy sockets that have initialised.", "known bug 47")
        case .legacyOperationsBeforeInit:
            ("Operations of legacy clients that never sent init are executed.", "known bugs 43, 44")
        case .legacyRefusalAcknowledged: ("A refused legacy init is acknowledged first.", "could happen")
        case .legacyRefusalUntold: ("A refused legacy init is answered with the close alone.", "could happen")
        case .legacyRefusalKeepsSocket: ("After connection_error the socket stays open.", "could happen")
        case .legacyRefusedOperationRuns: ("A start behind a refused init is executed.", "could happen")
        case .legacyCrashUnanswered:
            ("A crash while deciding about a legacy init leaves it unanswered.", "could happen")
        case .legacyNextForData: ("Results come as next instead of data.", "known bug 58")
        case .legacyErrorArray: ("The payload of a legacy error is an array.", "known bug 34")
        case .legacyErrorWithoutID: ("A legacy error names no operation.", "could happen")
        case .legacyErrorClosesSocket: ("A failed operation closes its legacy socket.", "known bugs 39, 41")
        case .legacyFieldErrorAsError: ("A failing field ends a legacy operation with error.", "could happen")
        case .legacyFieldErrorsDropped: ("Field errors are left out of data.", "known bug 25")
        case .legacyEmptyErrorsArray: ("Every data has an array errors, also when it is empty.", "could happen")
        case .legacyNoCompleteAfterQuery: ("Legacy queries and mutations never complete.", "known bug 30")
        case .legacyCompleteTwice: ("The end of a legacy operation is reported twice.", "known bug 29")
        case .legacyResultInComplete: ("The result of a legacy query travels inside complete.", "known bug 35")
        case .legacyUnknownOperationNameHangs:
            ("An unknown operationName is never answered in the legacy dialect.", "known bug 38")
        case .legacyReadsBlocked: ("No legacy message is read while a query runs.", "known bug 61")
        case .legacyForgetsOthers: ("A start makes the server forget the socket's other operations.", "known bug 20")
        case .legacyIDKept: ("A legacy id stays taken after complete.", "known bug 21")
        case .legacyDuplicateLeaks:
            ("Starting a running id again leaves the first operation running for ever.", "known bugs 23, 24")
        case .legacyStopUnanswered: ("stop is not answered with complete.", "could happen")
        case .legacyStopIgnored: ("stop stops nothing.", "known bugs 8, 16")
        case .legacyStopKeepsSource: ("stop is answered, and the source goes on.", "known bugs 8, 16")
        case .legacyStopUnknownCloses: ("stop for an unknown id closes the socket.", "known bug 52")
        case .legacyStopStopsAll: ("stop ends every operation of the socket.", "could happen")
        case .legacyStopClosesSocket: ("stop of the last operation closes the socket.", "could happen")
        case .legacyTerminateIgnored: ("connection_terminate is ignored.", "known bug 59")
        case .legacyTerminateKeepsOperations: ("Sources outlive a connection_terminate.", "could happen")
        case .legacySourcesKept: ("Sources outlive a legacy connection that its client ends.", "known bug 1")
        case .legacyInvalidCloses: ("What is no message closes a legacy socket with 4400.", "could happen")
        case .legacyInvalidIgnored: ("What is no message is ignored in the legacy dialect.", "could happen")
        case .redisNoResubscribe:
            (
                "After Redis was away, no channel is subscribed again: sockets stay and events never come.",
                "known bug 65"
            )
        case .redisResubscribesSome:
            ("After Redis was away, all channels but the first are subscribed again.", "could happen")
        case .redisEventsTwice: ("After Redis was away, every event is delivered twice.", "could happen")
        case .redisPublishPretends: ("A publication that Redis did not take is reported as done.", "could happen")
        case .redisPublishUnconfirmed: ("Publications are reported as done before Redis has answered.", "could happen")
        case .redisPublishesReplayed:
            ("Publications that failed are made all the same when Redis is back.", "could happen")
        case .redisHangUnnoticed:
            ("A Redis that hangs without closing its connections is never noticed.", "could happen")
        case .redisNoPause: ("Connecting is tried again without a pause.", "could happen")
        case .redisLongPause: ("Between tries to connect there is half a minute.", "could happen")
        case .redisNewcomersVanish:
            ("A subscription that is asked for while Redis is away is accepted and never made.", "could happen")
        case .redisUnsubscribeForgotten:
            ("Channels that nobody holds any more stay subscribed at Redis.", "could happen")
        case .redisCrash: ("The process ends when Redis goes.", "could happen")
        case .redisReadyLies: ("The readiness check says ready while Redis is away.", "could happen")
        case .redisLiveDies:
            ("The liveness check fails while Redis is away, so that the process is killed for it.", "could happen")
        case .redisStreamsEnd: ("Subscriptions end when Redis goes, although they are to stay.", "could happen")
        case .redisNewcomersWait:
            (
                "A subscription that is asked for while Redis is away waits in silence instead of failing.",
                "could happen"
            )
        case .redisHostShown: ("The readiness check shows where Redis is.", "could happen")
        case .customerOwnerUnchecked: ("Events that name another customer are delivered.", "could happen")
        case .customerBadMessageEnds:
            ("A message that is no event ends the subscriptions to its customer.", "could happen")
        case .customerPublishUnchecked: ("Events of customers are published by whoever asks.", "could happen")
        case .serviceFilterIgnored: ("The argument serviceId of subscriptions is ignored.", "could happen")
        case .serviceFailurePublished:
            ("A mutation of a service that fails publishes an event all the same.", "could happen")
        case .serviceDeletionUntold: ("Nobody is told that a service was deleted.", "could happen")
        case .ticketFilterIgnored: ("The filter of ticket events is ignored.", "could happen")
        case .ticketVisibilityIgnored: ("Everybody in the tenant is told of every ticket.", "could happen")
        case .ticketTeamOpen: ("Updates of teams are open to those who do not work on tickets.", "could happen")
        case .ticketDeletedGoesOn: ("The updates of a ticket go on behind its deletion.", "could happen")
        case .documentDeletionUntold: ("Nobody is told that a document was deleted.", "could happen")
        case .queryNeverCompletes: ("The progress of a query goes on behind the stage completed.", "could happen")
        case .queryFailureCompletes: ("The progress of a query that fails ends as if it had succeeded.", "could happen")
        case .chatSessionIgnored:
            ("Messages of another chat are delivered when they come on the channel.", "could happen")
        case .operationsResumeIgnored:
            ("Last-Event-ID is ignored: what was missed is lost without a word.", "could happen")
        case .operationsTypesIgnored:
            ("The types that a client of an event stream asks for are ignored.", "could happen")
        case .operationsHeartbeatMissing: ("Pings on sockets of operations are not answered.", "could happen")
        case .operationsCommandUnchecked: ("Commands to jobs and campaigns need no permission.", "could happen")
        case .httpGETUnread:
            ("The URL of a GET is not read: a query in it is answered as if there were none.", "could happen")
        case .sseFieldErrorsDropped: ("Field errors are left out of the results on event streams.", "known bug 25")
        case .sseIDInvented:
            ("An operation without an id on a reserved stream gets one of the server's making.", "could happen")
        case .httpSubscriptionWaits:
            ("A subscription for which no stream is accepted is answered with its first event.", "could happen")
        case .validationSkipped: ("Documents are executed without validation.", "could happen")
        case .mutationFieldsReversed: ("The root fields of a mutation run in reverse order.", "could happen")
        case .sseCutAtEnd: ("The response of a stream is cut off instead of ended.", "could happen")
        case .sseOperationWaits:
            ("A subscription on a reserved stream is accepted only when its first event comes.", "could happen")
        case .sseStreamsQueued: ("While a client has a stream open, its next one is not answered.", "could happen")
        case .clockAhead:
            ("The clock of the server is a day ahead, so that good tokens count as expired.", "could happen")
        case .firstHeaderFieldCounts: ("Of several Authorization fields the first counts.", "could happen")
        case .tenantClaimIgnored:
            ("The tenant in a token is not looked at: everybody is in the default one.", "could happen")
        case .idsCleaned: ("What an id must not contain is left out of it, instead of being refused.", "could happen")
        case .queryLimitsOffByOne:
            ("One level and one field more are let in than the limits of documents say.", "could happen")
        case .queryLimitsWithoutCode: ("What is refused for its depth or its cost has no code.", "could happen")
        case .queryLimitsAfterExecution:
            ("What is beyond a limit of documents is executed before it is refused.", "could happen")
        case .depthNotCountedInFragments: ("Fields in fragments have no depth.", "could happen")
        case .costCountsFragmentsOnce:
            ("Fields in a fragment cost something at its first use only.", "could happen")
        case .costIgnoresAliases: ("Fields with an alias cost nothing.", "could happen")
        case .costSparesSubscriptions: ("Subscriptions may cost anything.", "could happen")
        case .fragmentCycleUnanswered:
            ("A document whose fragments spread each other in a circle is never answered.", "could happen")
        case .descriptorsKept: ("A descriptor stays open for every connection that has ended.", "could happen")
        case .redisOwnEventsOnly:
            ("Subscribers are told only of what was published through their own server.", "could happen")
        case .operationsCommandUnanswered:
            ("Commands to jobs and campaigns are carried out without a word.", "could happen")
        case .operationsJobsMixed: ("Events of every job go to the watchers of each.", "could happen")
        }
    }
}

extension Misbehaviour {
    /// Whether it is about what a connection may take, or leaves behind, and not about what is said on it.
    package var isBelowDialects: Bool { Self.belowDialects.contains(self) }

    private static let belowDialects: Set<Misbehaviour> = [
        .limitOffByOne,
        .limitCheckThenAct,
        .limitKeptOnReset,
        .limitKeptOnClose,
        .limitKeptWhenInitFails,
        .limitFreedTwice,
        .limitSharedByTenants,
        .userLimitIgnoresTenant,
        .peerLimitTrustsHeader,
        .httpNotLimited,
        .operationPlaceKeptOnError,
        .operationPlaceKeptOnComplete,
        .limitClosesSocket,
        .limitSilent,
        .limitErrorWithoutCode,
        .limitClosesWith4403,
        .retryAfterMissing,
        .refusedMessagesCount,
        .rateNeverRefills,
        .tenantRatePerConnection,
        .completeRefusedByRate,
        .slowConsumerUnbounded,
        .slowConsumerBlocksOthers,
        .slowConsumerNeverCut,
        .overflowDropsWrongEnd,
        .overflowKeepsSource,
        .overflowSilent,
        .droppedEventsUncounted,
        .queueOutlivesComplete,
        .oneInAHundredLeaks,
        .gaugesKeptOnDrop,
    ]
}
